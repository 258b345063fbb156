package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmoothedTest {
  private static final long SEED = 5;
  private static final int OUT = 6;
  private static final int IN = 10;

  @Test
  void theProductIsThatOfTheWeightAsItWas() {
    var random = new Random(SEED);
    float[] weight = gaussian(random, OUT * IN);
    for (int o = 0; o < OUT; o++) {
      weight[o * IN + 3] = 0; // which nobody reads
    }
    var deviations = new double[IN];
    deviations[1] = 4;
    deviations[7] = .1; // the others never differ
    var moments = new Moments(random.doubles(IN, -3, 3).toArray(), deviations);

    Smoothed smoothed =
        Smoothed.of(weight, OUT, IN, PackOptions.BYTES_ANYWHERE, Optional.of(moments));

    assertEquals(0, smoothed.rounding().factors()[3]);
    float[] x = gaussian(random, IN);
    for (int o = 0; o < OUT; o++) {
      double wanted = 0;
      double got = smoothed.given()[o];
      for (int i = 0; i < IN; i++) {
        wanted += (double) weight[o * IN + i] * x[i];
        double z = (x[i] - (double) smoothed.rounding().centres()[i]);
        got += smoothed.weight()[o * IN + i] * z * smoothed.rounding().factors()[i];
      }
      assertEquals(wanted, got, 1e-5, "output " + o + ", seed " + SEED);
    }
  }

  @Test
  void levelsOfAGridStayAndNothingIsKnownOfNothing() {
    float[] grid = {3, -1, 2, 0};
    var moments = new Moments(new double[] {1, 2}, new double[] {5, .1});

    Smoothed smoothed = Smoothed.of(grid, 2, 2, PackOptions.BYTES_ANYWHERE, Optional.of(moments));
    assertArrayEquals(grid, smoothed.weight());
    assertArrayEquals(new float[] {1, 2}, smoothed.rounding().centres());
    assertArrayEquals(new double[] {1, 2}, smoothed.given());

    Smoothed plain = Smoothed.of(grid, 2, 2, PackOptions.BYTES_ANYWHERE, Optional.empty());
    assertArrayEquals(grid, plain.weight());
    assertArrayEquals(new float[2], plain.rounding().centres());
    assertArrayEquals(new float[] {1, 1}, plain.rounding().factors());
  }

  private static float[] gaussian(Random random, int count) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
