package dev.falconer.kernel;

/**
 * What candidates attend with.
 *
 * @param heads at least 1
 * @param width floats of a head's query, key and value each, 1 to 256
 * @param scale of the products of query and key, finite
 * @param isInt8 whether the products are of int8: see {@link Attention}
 */
public record AttentionShape(int heads, int width, float scale, boolean isInt8) {
  private static final int MOST_WIDTH = 256;

  /** Checks the ranges. */
  public AttentionShape {
    if (heads < 1 || width < 1 || width > MOST_WIDTH || !Float.isFinite(scale)) {
      throw new IllegalArgumentException(
          "%d heads of %d, scale %s: want heads >= 1 of 1 to %d, a finite scale"
              .formatted(heads, width, scale, MOST_WIDTH));
    }
  }

  /** Returns the floats of a row's queries of all heads. */
  public int all() {
    return heads * width;
  }
}
