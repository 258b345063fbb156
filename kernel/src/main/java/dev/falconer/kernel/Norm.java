package dev.falconer.kernel;

/**
 * A LayerNormalization of a node.
 *
 * @param scale address of [width] floats
 * @param shift likewise; 0 for none
 */
record Norm(RowMath math, int width, long scale, long shift, float epsilon) {
  /**
   * Returns the norm by a node's constants.
   *
   * @param index of the scale among the node's inputs; the shift follows it
   */
  static Norm of(Execution execution, NodeInfo node, int index, int width, float epsilon) {
    return new Norm(
        execution.rows(),
        width,
        Product.floats(node, index, width),
        node.has(index + 1) ? Product.floats(node, index + 1, width) : 0,
        epsilon);
  }

  /** Normalises rows; y may be x. */
  void run(long x, long xStride, int rows, long y, long yStride) {
    math.layerNorm(x, xStride, rows, width, scale, shift, epsilon, y, yStride);
  }
}
