package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;

/**
 * The smallest piece of an axis.
 *
 * @param kind what it counts
 * @param place ROW: which of the rows' axes, from 0; FEATURE: how many features apart its elements
 *     are; else 0
 * @param length never 1
 */
record Atom(Kind kind, long place, Poly length) {
  /** What is counted. */
  enum Kind {
    /** Rows, each computed by itself. */
    ROW,
    /** Elements of a row's vector. */
    FEATURE,
    /** Heads of scores. */
    HEAD,
    /** Tokens of scores. */
    TOKEN
  }

  static Atom row(int place, Poly length) {
    return new Atom(Kind.ROW, place, length);
  }

  static Atom feature(long stride, Poly length) {
    return new Atom(Kind.FEATURE, stride, length);
  }

  boolean is(Kind other) {
    return kind == other;
  }

  /** Returns whether it counts the features from one that an inner atom counts on. */
  boolean continues(Atom inner) {
    return is(Kind.FEATURE)
        && inner.is(Kind.FEATURE)
        && inner.length.isInteger()
        && place == inner.place * inner.length.integer();
  }
}
