package dev.falconer.compressor.structure;

import java.util.List;

/** What one node needs when groups are removed. */
public sealed interface Change {
  /** Returns the name of the node. */
  String node();

  /** The constant that it reads loses the groups' elements along an axis. */
  record Tensor(String node, int input, Mark mark) implements Change {}

  /** One of the lengths in a constant vector that it reads counts fewer groups. */
  record Length(String node, int input, int place, Groups groups) implements Change {}

  /**
   * The same where a Concat makes the vector, of a constant part among others.
   *
   * @param part index of the part
   * @param values of the part
   * @param place of the length in the part
   */
  record PartLength(String node, int input, int part, List<Long> values, int place, Groups groups)
      implements Change {}

  /**
   * A length in a vector of lengths that it reads, computed when the graph runs, counts fewer
   * groups. Left out where the computation begins with the length of a value that is cut.
   *
   * @param part index of the part where a Concat makes the vector; -1 where it is the whole
   * @param value name of the part or the whole
   * @param place of the length in it
   * @param size of it
   */
  record ComputedLength(
      String node, int input, int part, String value, int place, int size, Groups groups)
      implements Change {}

  /** Integers of an attribute count fewer groups; nothing where it is absent. */
  record Numbers(String node, String attribute, Groups groups) implements Change {}
}
