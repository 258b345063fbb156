package dev.falconer.compressor.pack;

/**
 * A quantity of every row: a vector of features, or scores of heads and tokens.
 *
 * @param value tensor that holds it first; no two terms share one
 * @param at how it lies there
 * @param form what it is
 */
record Term(String value, Arrangement at, Form form) {
  /** Returns whether both are held by one tensor first: they are the same term. */
  boolean isSame(Term other) {
    return value.equals(other.value);
  }
}
