package dev.falconer.bundle;

/** What writers and servers of bundles agree on about variants. */
public final class Variants {
  /**
   * A variant whose scores are further from the plain one's, of max(1, |score|), is served only
   * where an operator names it.
   */
  public static final double MOST_DIFFERENCE_UNASKED = 0.05;

  private Variants() {}
}
