package dev.falconer.compressor.solver;

/** Crosses between fp64 [out, in] and float [in, out]. */
final class Floats {
  private Floats() {}

  /**
   * Returns the transpose, scaled by a power of two so that the largest magnitude lies near 1:
   * neither it nor its square leaves the range of float.
   */
  static float[] transposedScaled(Matrix matrix) {
    double largest = 0;
    for (double value : matrix.values()) {
      largest = Math.max(largest, Math.abs(value));
    }
    int exponent = largest == 0 ? 0 : Math.getExponent(largest);
    double half = Math.scalb(1.0, -(exponent / 2));
    double otherHalf = Math.scalb(1.0, -(exponent - exponent / 2));
    double[] values = matrix.values();
    int rows = matrix.rows();
    int columns = matrix.columns();
    var flipped = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        flipped[c * rows + r] = (float) (values[r * columns + c] * half * otherHalf);
      }
    }
    return flipped;
  }
}
