package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every execution of what is done to rows does. */
abstract class RowMathContract {
  private static final float EPSILON = 1e-5f;
  private static final double TOLERANCE = 1e-6;

  /** Returns the execution. */
  abstract RowMath execution();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 100, 127, 128, 129, 512, 1000, 1030})
  void everyWidthIsNormalised(int width) {
    for (int rows : new int[] {0, 1, 2, 7, 16, 17, 33}) {
      checkNorm(Floats.gaussian(rows * width, width), rows, width, width, width, 0, true);
      checkNorm(
          Floats.gaussian(rows * width, width),
          rows,
          width,
          width + 5,
          1024L * (1 + width / 1025),
          4,
          false);
    }
    checkNorm(Floats.gaussian(9 * width, width), 9, width, 2048, width + 3, 13, true);
  }

  @Test
  void rowsFarFromZeroAndOfManyMagnitudesAreNormalised() {
    int width = 130;
    for (double size : new double[] {1e-12, 1e-3, 1, 1e6, 1e12}) {
      for (double away : new double[] {0, 1, -300, 1e5}) {
        float[] x = Floats.gaussian(5 * width, 3);
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) ((x[i] + away) * size);
        }
        checkNorm(x, 5, width, width, width, 0, true);
      }
    }
    float[] one = new float[width];
    one[0] = 1e6f; // one outlier, in the place that a shifted sum would start from
    checkNorm(one, 1, width, width, width, 0, true);
    Arrays.fill(one, 7.7f);
    checkNorm(one, 1, width, width, width, 0, true);
  }

  @Test
  void aRowIsNormalisedWhereItLies() {
    int width = 133;
    float[] x = Floats.gaussian(7 * width, 4);
    try (Arena arena = Arena.ofConfined()) {
      Floats scale = Floats.of(arena, 4, 1, width, width).put(Floats.gaussian(width, 5));
      Floats from = Floats.of(arena, 8, 7, width, width + 2).put(x);
      Floats to = Floats.of(arena, 8, 7, width, width + 2);
      norm(from, scale, scale, to);
      norm(from, scale, scale, from);
      assertArrayEquals(to.take(), from.take());
      from.assertGuards("in place");
    }
  }

  @Test
  void aRowsResultDoesNotDependOnItsCompany() {
    int width = 77;
    int rows = 19;
    float[] x = Floats.gaussian(rows * width, 6);
    float[] other = x.clone();
    Arrays.fill(other, 0, width, 1e30f);
    other[3 * width] = Float.NaN;
    float[] scale = Floats.gaussian(width, 7);
    float[] one = norm(x, rows, width, scale);
    float[] two = norm(other, rows, width, scale);
    for (Activation activation : Activation.values()) {
      float[] together = activate(activation, x, rows, width);
      float[] beside = activate(activation, other, rows, width);
      assertArrayEquals(slice(together, 4, rows, width), slice(beside, 4, rows, width));
    }
    for (int r = 1; r < rows; r++) {
      float[] row = slice(one, r, r + 1, width);
      assertArrayEquals(row, norm(slice(x, r, r + 1, width), 1, width, scale), "row " + r);
      if (r == 3) {
        for (float value : slice(two, r, r + 1, width)) {
          assertTrue(Float.isNaN(value), "a row with NaN");
        }
      } else {
        assertArrayEquals(row, slice(two, r, r + 1, width), "row " + r);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void floatsOfEveryMagnitudeAreActivated(Activation activation) {
    int width = 257;
    int rows = 512; // every exponent and sign, 256 of each
    var x = new float[rows * width];
    for (int i = 0; i < x.length; i++) {
      int upper = (i / width) << 23;
      x[i] = Float.intBitsToFloat(upper + i % width * 32749);
    }
    checkActivation(activation, x, rows, width, width, 0);
  }

  @ParameterizedTest
  @EnumSource
  void floatsOfUsualSizeAreActivatedWhereverTheyLie(Activation activation) {
    var x = new float[8192 * 9];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - x.length / 2) * (24f / x.length);
    }
    checkActivation(activation, x, 72, 1024, 1024, 0);
    for (int width = 1; width < 35; width++) {
      float[] few = Arrays.copyOfRange(x, 0, 11 * width);
      checkActivation(activation, few, 11, width, width, 12);
      checkActivation(activation, few, 11, width, width + 7, 5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersThatAreNoneStayOrVanish(Activation activation) {
    float infinity = Float.POSITIVE_INFINITY;
    float[] of =
        switch (activation) {
          case NONE -> new float[] {-infinity, infinity};
          case RELU, GELU, GELU_TANH, SILU -> new float[] {0, infinity};
          case SIGMOID -> new float[] {0, 1};
          case TANH -> new float[] {-1, 1};
        };
    for (int width : new int[] {4, 20}) {
      var x = new float[width];
      x[0] = Float.NaN;
      x[1] = Float.NEGATIVE_INFINITY;
      x[2] = Float.POSITIVE_INFINITY;
      x[width - 1] = Float.NaN;
      float[] y = activate(activation, x, 1, width);
      assertTrue(Float.isNaN(y[0]) && Float.isNaN(y[width - 1]), activation + " of NaN");
      assertEquals(of[0], y[1], 1e-30, activation + " of -infinity");
      assertEquals(of[1], y[2], activation + " of infinity");
    }
  }

  @Test
  void rowsAreAdded() {
    for (int width : new int[] {1, 15, 16, 17, 33, 128, 131}) {
      for (int rows : new int[] {0, 1, 5, 17}) {
        float[] x = Floats.gaussian(rows * width, 8);
        float[] y = Floats.gaussian(rows * width, 9);
        try (Arena arena = Arena.ofConfined()) {
          Floats from = Floats.of(arena, 6, rows, width, width + 1).put(x);
          Floats to = Floats.of(arena, 4, rows, width, 1024).put(y);
          execution().add(from.address(), from.stride(), rows, width, to.address(), to.stride());
          for (int i = 0; i < y.length; i++) {
            y[i] += x[i];
          }
          assertArrayEquals(y, to.take(), "%d rows of %d".formatted(rows, width));
          to.assertGuards("%d rows of %d".formatted(rows, width));
        }
      }
    }
  }

  private static float[] slice(float[] x, int row, int last, int width) {
    return Arrays.copyOfRange(x, row * width, last * width);
  }

  private void norm(Floats x, Floats scale, Floats shift, Floats y) {
    execution()
        .layerNorm(
            x.address(),
            x.stride(),
            x.rows(),
            x.width(),
            scale.address(),
            shift.address(),
            EPSILON,
            y.address(),
            y.stride());
  }

  private float[] norm(float[] x, int rows, int width, float[] scale) {
    try (Arena arena = Arena.ofConfined()) {
      Floats by = Floats.of(arena, 0, 1, width, width).put(scale);
      Floats y = Floats.of(arena, 0, rows, width, width);
      norm(Floats.of(arena, 0, rows, width, width).put(x), by, by, y);
      return y.take();
    }
  }

  private float[] activate(Activation activation, float[] x, int rows, int width) {
    try (Arena arena = Arena.ofConfined()) {
      Floats y = Floats.of(arena, 0, rows, width, width).put(x);
      execution().activate(activation, y.address(), y.stride(), rows, width);
      return y.take();
    }
  }

  /** Runs twice, checks that results are equal to the bit and guards untouched. */
  private static float[] twice(Floats one, Floats two, String what, Consumer<Floats> run) {
    run.accept(one);
    run.accept(two);
    assertEquals(-1, one.memory().mismatch(two.memory()), what + ": two runs differ");
    one.assertGuards(what);
    return one.take();
  }

  private void checkNorm(
      float[] x, int rows, int width, long xStride, long yStride, int shift, boolean hasShift) {
    float[] scale = Floats.gaussian(width, 11);
    float[] add = Floats.gaussian(width, 12);
    String what = "%d rows of %d, shift %d bytes".formatted(rows, width, shift);
    try (Arena arena = Arena.ofConfined()) {
      Floats from = Floats.of(arena, shift, rows, width, xStride).put(x);
      Floats by = Floats.of(arena, shift, 1, width, width).put(scale);
      Floats plus = Floats.of(arena, shift, 1, width, width).put(add);
      float[] y =
          twice(
              Floats.of(arena, shift, rows, width, yStride),
              Floats.of(arena, shift, rows, width, yStride),
              what,
              to ->
                  execution()
                      .layerNorm(
                          from.address(),
                          xStride,
                          rows,
                          width,
                          by.address(),
                          hasShift ? plus.address() : 0,
                          EPSILON,
                          to.address(),
                          yStride));
      for (int r = 0; r < rows; r++) {
        double[] wanted = normalised(slice(x, r, r + 1, width));
        double most = 0;
        for (int i = 0; i < width; i++) {
          wanted[i] *= scale[i];
          most = Math.max(most, Math.abs(wanted[i]));
          most = Math.max(most, hasShift ? Math.abs(add[i]) : 0);
        }
        for (int i = 0; i < width; i++) {
          int row = r;
          int column = i;
          assertEquals(
              wanted[i] + (hasShift ? add[i] : 0),
              y[r * width + i],
              TOLERANCE * most,
              () -> what + ", row " + row + ", column " + column);
        }
      }
    }
  }

  private static double[] normalised(float[] x) {
    double mean = 0;
    for (float value : x) {
      mean += (double) value / x.length;
    }
    double variance = 0;
    for (float value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    var result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = (x[i] - mean) / Math.sqrt(variance + EPSILON);
    }
    return result;
  }

  private void checkActivation(
      Activation activation, float[] x, int rows, int width, long stride, int shift) {
    String what = "%s of %d rows of %d".formatted(activation, rows, width);
    try (Arena arena = Arena.ofConfined()) {
      float[] y =
          twice(
              Floats.of(arena, shift, rows, width, stride).put(x),
              Floats.of(arena, shift, rows, width, stride).put(x),
              what,
              to -> execution().activate(activation, to.address(), stride, rows, width));
      for (int i = 0; i < x.length; i++) {
        double wanted = exact(activation, x[i]);
        double size =
            switch (activation) {
              case NONE, RELU -> 0;
              case GELU, GELU_TANH, SILU -> Math.abs(x[i]);
              case SIGMOID -> 1;
              case TANH -> Math.min(1, Math.abs(x[i]));
            };
        float of = x[i];
        if (Double.isNaN(wanted) || Double.isInfinite(wanted)) {
          assertEquals((float) wanted, y[i], () -> what + ": " + of);
        } else {
          // half the smallest float may be lost besides
          assertEquals(wanted, y[i], TOLERANCE * size + Float.MIN_VALUE, () -> what + ": " + of);
        }
      }
    }
  }

  /** Returns an activation by its definition. */
  static double exact(Activation activation, double x) {
    if (x == Double.NEGATIVE_INFINITY) {
      return activation == Activation.NONE ? x : activation == Activation.TANH ? -1 : 0;
    }
    return switch (activation) {
      case NONE -> x;
      case RELU -> x <= 0 ? 0 : x;
      case GELU -> x / 2 * (1 + ScalarRows.erf(x / Math.sqrt(2)));
      case GELU_TANH ->
          x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + .044715 * Math.pow(x, 3))));
      case SILU -> x / (1 + Math.exp(-x));
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
    };
  }
}
