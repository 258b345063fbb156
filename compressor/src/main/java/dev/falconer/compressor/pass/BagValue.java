package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import java.util.List;

/** What a value of a loop's body is, in terms of the iteration. */
sealed interface BagValue {
  /** Integers computed from lengths and the iteration. */
  record Numbers(List<Poly> values) implements BagValue {
    /** Copies the list. */
    public Numbers {
      values = List.copyOf(values);
    }

    static Numbers of(Poly value) {
      return new Numbers(List.of(value));
    }

    Poly only() {
      return values.getFirst();
    }
  }

  /** A comparison of two integers that the lengths don't decide. */
  record Choice(Poly left, Poly right) implements BagValue {}

  /** Numbers 0, 1, 2, ... times a step, from a first one. */
  record Sequence(Poly first, Poly step, Poly count) implements BagValue {}

  /**
   * Rows [from, to) of a tensor outside the loop.
   *
   * @param table that they index, empty when they are the rows themselves
   */
  record Rows(String source, Poly from, Poly to, String table) implements BagValue {}

  /**
   * Rows reduced to one.
   *
   * @param reduction operator
   * @param keepsAxis whether the axis stays, with length 1
   */
  record Bag(Rows rows, String reduction, boolean keepsAxis) implements BagValue {}

  /** A list to which each iteration adds a bag. */
  record Collected(Bag each) implements BagValue {}

  /** A list without a bag yet. */
  record Empty() implements BagValue {}
}
