package dev.falconer.kernel;

/**
 * What is done to rows between products. Float32; strides are in floats; a row's result depends on
 * that row alone.
 */
public sealed interface RowMath permits NativeRows, ScalarRows, VectorRows {
  /**
   * Writes y = (x - mean) / sqrt(variance + epsilon) scale + shift of every row, ONNX's
   * LayerNormalization over the last axis; within 1e-6 of the largest magnitude among the two terms
   * of a row, for x - mean of 1e-15 to 1e15. NaN or infinity in a row give NaN in that row.
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

  /**
   * Replaces every float x of the rows by its activation, within 1e-6 of the smaller of |x| and 1
   * for tanh, of 1 for the sigmoid, of |x| for the others. NaN stays; of -infinity the gates x s(x)
   * are 0, or as good as that.
   */
  void activate(Activation activation, long y, long yStride, int rows, int width);

  /** Adds the rows of x to those of y. */
  void add(long x, long xStride, int rows, int width, long y, long yStride);
}
