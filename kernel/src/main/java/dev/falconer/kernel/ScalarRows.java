package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.util.function.DoubleUnaryOperator;

/** What defines the others' results: in double precision, one float after the other. Slow. */
public record ScalarRows() implements RowMath {
  @Override
  public void layerNorm(
      long x,
      long xStride,
      int rows,
      int width,
      long scale,
      long shift,
      float epsilon,
      long y,
      long yStride) {
    for (int r = 0; r < rows; r++) {
      long from = x + (long) Float.BYTES * r * xStride;
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += at(from, i);
      }
      double mean = sum / width;
      double squares = 0;
      for (int i = 0; i < width; i++) {
        squares += (at(from, i) - mean) * (at(from, i) - mean);
      }
      double factor = 1 / Math.sqrt(squares / width + epsilon);
      for (int i = 0; i < width; i++) {
        double result = (at(from, i) - mean) * factor * at(scale, i);
        put(y + (long) Float.BYTES * r * yStride, i, result + (shift == 0 ? 0 : at(shift, i)));
      }
    }
  }

  @Override
  public void activate(Activation activation, long y, long yStride, int rows, int width) {
    DoubleUnaryOperator function = function(activation);
    for (int r = 0; r < rows; r++) {
      long row = y + (long) Float.BYTES * r * yStride;
      for (int i = 0; i < width; i++) {
        put(row, i, function.applyAsDouble(at(row, i)));
      }
    }
  }

  private static DoubleUnaryOperator function(Activation activation) {
    return switch (activation) {
      case NONE -> x -> x;
      case RELU -> x -> Math.max(x, 0);
      case GELU -> share(x -> (1 + erf(x / Math.sqrt(2))) / 2);
      case GELU_TANH ->
          share(x -> (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + .044715 * x * x * x))) / 2);
      case SILU -> share(x -> 1 / (1 + Math.exp(-x)));
      case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
      case TANH -> Math::tanh;
    };
  }

  /** Returns x times a share of it that vanishes below, where the product does. */
  private static DoubleUnaryOperator share(DoubleUnaryOperator share) {
    return x -> x == Double.NEGATIVE_INFINITY ? 0 : x * share.applyAsDouble(x);
  }

  /** Returns the error function by its series, and far out by its continued fraction. */
  static double erf(double x) {
    double size = Math.abs(x);
    if (size < 3) {
      double term = size;
      double sum = size;
      for (int n = 1; Math.abs(term) > 1e-17 * sum; n++) {
        term *= -size * size / n;
        sum += term / (2 * n + 1);
      }
      return Math.copySign(2 / Math.sqrt(Math.PI) * sum, x);
    }
    double fraction = 0;
    for (int n = 60; n >= 1; n--) {
      fraction = n / 2.0 / (size + fraction);
    }
    double rest = Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction);
    return Double.isNaN(x) ? x : Math.copySign(1 - rest, x);
  }

  @Override
  public void add(long x, long xStride, int rows, int width, long y, long yStride) {
    for (int r = 0; r < rows; r++) {
      long row = y + (long) Float.BYTES * r * yStride;
      for (int i = 0; i < width; i++) {
        put(row, i, (double) at(row, i) + at(x + (long) Float.BYTES * r * xStride, i));
      }
    }
  }

  private static float at(long address, int index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + (long) Float.BYTES * index);
  }

  private static void put(long address, int index, double value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + (long) Float.BYTES * index, (float) value);
  }
}
