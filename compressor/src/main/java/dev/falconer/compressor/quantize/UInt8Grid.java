package dev.falconer.compressor.quantize;

/**
 * 256 levels (q - zeroPoint) scale, q = 0..255. Holds 0 exactly.
 *
 * @param scale distance of two levels, above 0
 * @param zeroPoint level of 0, 0..255
 */
public record UInt8Grid(float scale, int zeroPoint) {
  /** Checks the ranges. */
  public UInt8Grid {
    if (!(scale > 0) || Float.isInfinite(scale) || zeroPoint < 0 || zeroPoint > 255) {
      throw new IllegalArgumentException("grid of scale " + scale + ", zero point " + zeroPoint);
    }
  }

  /** Returns the grid from about low to about high, widened to hold 0. */
  static UInt8Grid spanning(double low, double high) {
    double from = Math.min(0, low);
    double to = Math.max(0, high);
    // A value that is always 0 takes any grid.
    float scale = to > from ? Math.max((float) ((to - from) / 255), Float.MIN_NORMAL) : 1;
    return new UInt8Grid(scale, (int) Math.clamp(Math.rint(-from / scale), 0, 255));
  }

  /** Returns the smallest value represented. */
  public double low() {
    return -(double) zeroPoint * scale;
  }

  /** Returns the largest value represented. */
  public double high() {
    return (255.0 - zeroPoint) * scale;
  }
}
