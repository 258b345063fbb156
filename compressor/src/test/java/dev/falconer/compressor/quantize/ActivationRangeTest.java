package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ActivationRangeTest {
  @Test
  void everyGridHoldsZeroExactlyAndSpansTheRange() {
    for (double[] range :
        List.of(
            new double[] {-1, 3},
            new double[] {0, 5},
            new double[] {2, 7},
            new double[] {-9, -4},
            new double[] {0, 0},
            new double[] {-1e-30, 1e30})) {
      UInt8Grid grid = UInt8Grid.spanning(range[0], range[1]);

      assertTrue(grid.low() <= Math.min(0, range[0]) + .51 * grid.scale(), grid.toString());
      assertTrue(grid.high() >= Math.max(0, range[1]) - .51 * grid.scale(), grid.toString());
    }
    assertEquals(new UInt8Grid(1, 100), UInt8Grid.spanning(-100, 155));
    assertEquals(0, UInt8Grid.spanning(0, 1).zeroPoint());
  }

  @Test
  void refusesSharesAndGridsOutsideTheirRange() {
    assertThrows(IllegalArgumentException.class, () -> new ActivationRange.Percentile(0));
    assertThrows(IllegalArgumentException.class, () -> new ActivationRange.Percentile(1.01));
    assertThrows(IllegalArgumentException.class, () -> new UInt8Grid(0, 3));
    assertThrows(IllegalArgumentException.class, () -> new UInt8Grid(1, 256));
  }
}
