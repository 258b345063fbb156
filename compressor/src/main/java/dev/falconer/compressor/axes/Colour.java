package dev.falconer.compressor.axes;

/**
 * Whose data a tensor depends on; a value computed from several takes the last one in this order.
 */
public enum Colour {
  /** Nobody's: constants, and shapes, whoever's tensor they were read from. */
  CONSTANT,
  /** The user's columns only: computed once per user, cached. */
  USER,
  /** The request's too: one row, computed with the candidates, never cached. */
  CONTEXT,
  /** The candidates' too: one row each. */
  CANDIDATE;

  /** Returns the later of two. */
  public Colour join(Colour other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
