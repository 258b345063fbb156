package dev.falconer.kernel;

/**
 * What is done to rows between products. Float32; strides are in floats; a row's result depends on
 * that row alone. Results are within 1e-6 of the exact ones of the same input, relative to the
 * largest magnitude among the row's terms.
 */
public sealed interface RowMath permits ScalarRows {
  /**
   * Writes y = (x - mean) / sqrt(variance + epsilon) scale + shift of every row, ONNX's
   * LayerNormalization over the last axis.
   *
   * @param width floats of a row, at least 1
   * @param scale address of [width] floats
   * @param shift likewise; 0 for none
   * @param y may be x
   */
  void layerNorm(
      long x,
      long xStride,
      int rows,
      int width,
      long scale,
      long shift,
      float epsilon,
      long y,
      long yStride);

  /** Replaces every float of the rows by its activation. */
  void activate(Activation activation, long y, long yStride, int rows, int width);

  /** Adds the rows of x to those of y. */
  void add(long x, long xStride, int rows, int width, long y, long yStride);
}
