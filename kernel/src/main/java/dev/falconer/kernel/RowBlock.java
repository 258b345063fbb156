package dev.falconer.kernel;

import dev.falconer.packed.Layout;

/** Multiplies a fixed number of rows by panels of a packed weight in float32; generated code. */
interface RowBlock {
  /**
   * Multiplies.
   *
   * @param x address of the first row; {@link Layout#PERMUTE16}: readable to a multiple of 16
   *     inputs
   * @param xBytes from a row to the next
   * @param starts address of the first panel's first step; {@link Layout#PANEL16} alone
   * @param inputs address of the inputs of step 0; {@link Layout#PANEL16} alone
   * @param values address of the values of step 0; otherwise of the first panel
   * @param steps of a panel, or of a group; unused with {@link Layout#PANEL16}
   * @param groups of 16 inputs; {@link Layout#PERMUTE16} alone
   * @param bias address of 16 floats a panel
   * @param least what results below it become: 0 or minus infinity; NaN stays
   * @param y address of the first row's results, 16 a panel
   * @param yBytes from a row's results to the next
   * @param panels at least 1
   */
  void run(
      long x,
      int xBytes,
      long starts,
      long inputs,
      long values,
      int steps,
      int groups,
      long bias,
      float least,
      long y,
      int yBytes,
      int panels);
}
