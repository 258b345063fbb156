package dev.falconer.compressor.structure;

import java.util.Collection;
import java.util.HashSet;
import java.util.stream.IntStream;

/**
 * The elements of an axis as [outer, count, inner], slowest first: element i is of group {@code (i
 * / inner) % count}. Neurons are (1, n, 1), heads of width d (1, h, d), heads of queries, keys and
 * values in one axis (3, h, d).
 *
 * @param count of the groups
 */
public record Groups(int outer, int count, int inner) {
  /** Returns the axis' length. */
  public int length() {
    return outer * count * inner;
  }

  /** Returns the number of elements of a group. */
  public int size() {
    return outer * inner;
  }

  /** Returns the group of an element. */
  public int of(int element) {
    return element / inner % count;
  }

  /** Returns the elements of some groups, ascending. */
  public int[] elements(Collection<Integer> groups) {
    var chosen = new HashSet<>(groups);
    return IntStream.range(0, length()).filter(i -> chosen.contains(of(i))).toArray();
  }

  /** Returns a length that counts the groups, with fewer of them. */
  long scaled(long length, int kept) {
    return length / count * kept;
  }

  /**
   * Returns coarser groups: the index of a group here is [.., number, fast], of which the middle is
   * the index there.
   */
  Groups regrouped(int number, int fast) {
    return new Groups(outer * (count / (number * fast)), number, inner * fast);
  }
}
