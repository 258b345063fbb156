package dev.falconer.kernel;

import dev.falconer.packed.Layout;

/**
 * The product of rows and a packed weight [out, in]: y = activation(W x + bias) for every row x.
 *
 * <p>In float32 any order of the sum is right. In int8 a row is rounded by a scale of its own, so
 * that no row's result depends on another's, and every execution gives the same bits:
 *
 * <pre>
 * z_i  = (x_i - centre_i) factor_i;   most = max |z_i|
 * q_i  = rint(z_i (levels / most));  s = most / levels;   q = 0 where most < 2^-100
 * y_o  = float(sum_i q_i level_oi) (s scale_o) + bias_o
 * </pre>
 *
 * <p>All in float32, one rounding an operation. NaN and infinity among a row's z give NaN in that
 * row.
 */
public sealed interface MatMul permits NativeMatMul, ScalarMatMul, VectorMatMul {
  /** A row of smaller numbers is one of zeros in int8. */
  float LEAST = 0x1p-100f;

  /** Returns whether it multiplies weights of a layout and type. */
  default boolean has(Layout layout, boolean isInt8) {
    return true;
  }

  /**
   * Multiplies.
   *
   * @param weight checked
   * @param x address of the first row, floats
   * @param xStride floats from a row to the next, at least in
   * @param rows at least 0
   * @param bias address of [out] floats; 0 for none
   * @param y address of the first result; overlaps nothing
   * @param yStride floats from a result to the next, at least out
   */
  void run(
      PackedMatrix weight,
      long x,
      long xStride,
      int rows,
      long bias,
      Activation activation,
      long y,
      long yStride);
}
