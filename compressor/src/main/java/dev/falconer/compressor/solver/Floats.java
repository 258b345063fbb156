package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Crosses between fp64 [out, in] and float [in, out], arrays and tensors of the open scope. */
final class Floats {
  /**
   * 1.5 * 2^23: a float of magnitude below 2^22 is rounded, half to even, by adding it and back.
   */
  static final float ROUND = 12582912f;

  /** Twice this brings the smallest positive float above 1. */
  private static final float HUGE = 1e30f;

  /** Side of the squares in which a transpose reads and writes. */
  private static final int TILE = 32;

  private Floats() {}

  /**
   * Returns 1 for a positive number, else 0: without a comparison, which loops do not vectorise.
   */
  static float isPositive(float value) {
    return Math.min(1f, Math.max(0f, value * HUGE * HUGE));
  }

  /** Returns the transpose [columns, rows] of row-major values [rows, columns]. */
  static double[] transposed(double[] values, int rows, int columns) {
    var flipped = new double[values.length];
    for (int top = 0; top < rows; top += TILE) {
      int bottom = Math.min(rows, top + TILE);
      for (int left = 0; left < columns; left += TILE) {
        int right = Math.min(columns, left + TILE);
        for (int c = left; c < right; c++) {
          for (int r = top; r < bottom; r++) {
            flipped[c * rows + r] = values[r * columns + c];
          }
        }
      }
    }
    return flipped;
  }

  /** Returns the transpose [columns, rows] of row-major values [rows, columns]. */
  static float[] transposed(float[] values, int rows, int columns) {
    var flipped = new float[values.length];
    for (int top = 0; top < rows; top += TILE) {
      int bottom = Math.min(rows, top + TILE);
      for (int left = 0; left < columns; left += TILE) {
        int right = Math.min(columns, left + TILE);
        for (int c = left; c < right; c++) {
          for (int r = top; r < bottom; r++) {
            flipped[c * rows + r] = values[r * columns + c];
          }
        }
      }
    }
    return flipped;
  }

  /**
   * Returns the transpose, scaled by a power of two so that the largest magnitude lies near 1:
   * neither it nor its square leaves the range of float.
   */
  static float[] transposedScaled(Matrix matrix) {
    return scaled(
        transposed(matrix.values(), matrix.rows(), matrix.columns()), unit(matrix.values()));
  }

  /** Returns a power of two that brings the largest magnitude near 1. */
  static double unit(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest == 0 ? 1 : Math.scalb(1.0, -Math.clamp(Math.getExponent(largest), -1000, 1000));
  }

  /** Returns a tensor of a copy of row-major values. */
  static Tensor tensor(float[] values, long... shape) {
    var memory = new FloatPointer(Math.max(1, values.length));
    memory.put(values, 0, values.length);
    return TensorDevice.current()
        .take(torch.from_blob(memory, shape, new TensorOptions(ScalarType.Float)));
  }

  /** Copies a tensor's elements, row-major. */
  static float[] array(Tensor tensor) {
    Tensor dense = tensor.cpu().contiguous();
    var values = new float[Math.toIntExact(dense.numel())];
    if (values.length > 0) {
      dense.data_ptr_float().get(values, 0, values.length);
    }
    return values;
  }

  static float[] scaled(double[] values, double unit) {
    var scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = (float) (values[i] * unit);
    }
    return scaled;
  }

  static double[] unscaled(float[] values, double unit) {
    var plain = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      plain[i] = values[i] / unit;
    }
    return plain;
  }
}
