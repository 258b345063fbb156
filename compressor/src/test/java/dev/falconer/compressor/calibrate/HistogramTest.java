package dev.falconer.compressor.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private static final long SEED = 5;

  @Test
  void keepsCountExtremesAndQuantilesToABin() {
    double[] values = new Random(SEED).doubles(10_000).map(u -> 8 * u - 2).toArray();
    var histogram = new Histogram();
    for (double value : values) {
      histogram.add(value);
    }

    Arrays.sort(values);
    double bin = 2.0 * 8 / Histogram.BINS;
    assertEquals(values.length, histogram.total());
    assertEquals(values[0], histogram.min());
    assertEquals(values[values.length - 1], histogram.max());
    for (double share : new double[] {.001, .1, .5, .999}) {
      assertEquals(
          values[(int) (share * values.length) - 1], histogram.quantile(share), bin + 1e-3);
    }
  }

  @Test
  void mergedHalvesHoldWhatTheWholeHolds() {
    var random = new Random(SEED);
    var whole = new Histogram();
    var small = new Histogram();
    var large = new Histogram();
    for (int i = 0; i < 1000; i++) {
      double value = (i % 2 == 0 ? 1e-3 : 100) * random.nextGaussian();
      whole.add(value);
      (i % 2 == 0 ? small : large).add(value);
    }

    for (Histogram merged : new Histogram[] {small.plus(large), large.plus(small)}) {
      assertEquals(whole.total(), merged.total());
      assertEquals(whole.min(), merged.min());
      assertEquals(whole.max(), merged.max());
      assertEquals(whole.quantile(.2), merged.quantile(.2), 1e-9, "seed " + SEED);
      assertEquals(whole.quantile(.9), merged.quantile(.9), 1e-9, "seed " + SEED);
    }
  }

  @Test
  void takesValuesAtThePowersOfTwoWhereItGrows() {
    var histogram = new Histogram();
    for (double value : new double[] {1, -1, 2, -2, Math.nextDown(2.0), Math.nextDown(4.0), 0}) {
      histogram.add(value);
    }

    assertEquals(7, histogram.total());
    assertEquals(-2, histogram.quantile(0.01), .01);
    assertTrue(histogram.toString().contains("7 values"));
    assertThrows(IllegalArgumentException.class, () -> histogram.add(Double.NaN));
  }
}
