package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScalarRowsTest extends RowMathContract {
  @Override
  RowMath execution() {
    return new ScalarRows();
  }

  @Test
  void theErrorFunctionIsTheIntegralOfTheBell() {
    double integral = 0;
    double step = 1e-3;
    for (int i = 0; i < 6000; i++) {
      assertEquals(integral, ScalarRows.erf(i * step), 1e-13, "of " + i * step);
      assertEquals(-integral, ScalarRows.erf(-i * step), 1e-13, "of -" + i * step);
      double left = i * step;
      integral += step / 6 * (bell(left) + 4 * bell(left + step / 2) + bell(left + step));
    }
  }

  private static double bell(double x) {
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
  }
}
