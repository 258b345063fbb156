package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.solver.Matrix;

/**
 * What a linear map's inputs X [n, in] look like over the calibration examples.
 *
 * @param gram X'X [in, in], fp64, undamped
 * @param rows n
 * @param values all elements of X
 */
public record LayerStatistics(Matrix gram, long rows, Histogram values) {
  /** Returns the statistics of both sets of rows together. */
  public LayerStatistics merge(LayerStatistics other) {
    return new LayerStatistics(gram.plus(other.gram), rows + other.rows, values.plus(other.values));
  }

  /** Returns the Euclidean norm of each column of X [in]. */
  public double[] norms() {
    double[] norms = gram.diagonal();
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(norms[i]);
    }
    return norms;
  }

  /** Returns the largest magnitude of an element; 0 without rows. */
  public double absoluteMax() {
    return rows == 0 ? 0 : Math.max(-values.min(), values.max());
  }

  /** Adds rows one by one. */
  static final class Accumulator {
    private final int in;
    private final double[] upper;
    private final Histogram values = new Histogram();
    private final double[] x;
    private long rows;

    Accumulator(int in) {
      this.in = in;
      this.upper = new double[Math.multiplyExact(in, in)];
      this.x = new double[in];
    }

    /** Adds a row that lies at {@code from} of the elements. */
    void add(float[] elements, int from) {
      for (int i = 0; i < in; i++) {
        x[i] = elements[from + i];
        values.add(x[i]);
      }
      for (int i = 0; i < in; i++) {
        double scale = x[i];
        if (scale != 0) {
          int row = i * in;
          for (int j = i; j < in; j++) {
            upper[row + j] += scale * x[j];
          }
        }
      }
      rows++;
    }

    LayerStatistics statistics() {
      double[] gram = upper.clone();
      for (int i = 0; i < in; i++) {
        for (int j = 0; j < i; j++) {
          gram[i * in + j] = gram[j * in + i];
        }
      }
      return new LayerStatistics(Matrix.over(in, in, gram), rows, values);
    }
  }
}
