package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LevelsTest {
  private static final long SEED = 8;
  private static final int OUT = 9;
  private static final int IN = 37;

  @Test
  void theLargestWeightOfAnOutputIsItsLargestLevel() {
    float[] weight = {.13f, -2, .51f, 0, 3, 1};

    Levels levels = Levels.of(weight, 2, 3, 127);

    // -2 is -127 levels of 2 / 127; 3 and 1 are 3 and 1 of 1.
    assertArrayEquals(new byte[] {8, -127, 32, 0, 3, 1}, levels.levels());
    assertEquals(2f / 127, levels.scales()[0]);
    assertEquals(1f, levels.scales()[1]);
  }

  @Test
  void aGridOfFewLevelsIsToldFromOtherWeights() {
    float[] grid = {3, -1.5f, 0, 0, 0, 0, .7f, 0, 0};

    assertTrue(Levels.isGrid(grid, 3, 3, 2));
    assertFalse(Levels.isGrid(grid, 3, 3, 1)); // 3 and -1.5 are 2 and -1
    assertFalse(Levels.isGrid(gaussian(new Random(SEED)), OUT, IN, 127), "seed " + SEED);
  }

  @Test
  void isNoFurtherOffThanHalfALevel() {
    var random = new Random(SEED);
    float[] weight = gaussian(random);
    for (int most : new int[] {63, 127}) {
      Levels levels = Levels.of(weight, OUT, IN, most);

      for (int i = 0; i < weight.length; i++) {
        float scale = levels.scales()[i / IN];
        double off = Math.abs(weight[i] - levels.levels()[i] * (double) scale);
        assertTrue(off <= .50001 * scale, "weight " + i + ", seed " + SEED);
        assertTrue(Math.abs(levels.levels()[i]) <= most);
      }
    }
  }

  @Test
  void weightsThatLieOnAGridKeepTheirLevels() {
    var random = new Random(SEED);
    for (int bits : new int[] {2, 4, 5, 7, 8}) {
      int most = (1 << (bits - 1)) - 1;
      var weight = new float[OUT * IN];
      var wanted = new byte[OUT * IN];
      for (int o = 0; o < OUT; o++) {
        float scale = (float) Math.exp(random.nextGaussian());
        for (int i = 0; i < IN; i++) {
          // Two neighbours and the largest: no coarser grid holds them all.
          int level = i == 0 ? most : i == 1 ? most - 1 : random.nextInt(2 * most + 1) - most;
          wanted[o * IN + i] = (byte) level;
          weight[o * IN + i] = level * scale;
        }
      }

      assertArrayEquals(
          wanted, Levels.of(weight, OUT, IN, 127).levels(), bits + " bits, seed " + SEED);
    }
  }

  @Test
  void outputsOfZerosAndOfTheSmallestNumbersHaveAScale() {
    float[] weight = {0, 0, Float.MIN_VALUE, 0};

    Levels levels = Levels.of(weight, 2, 2, 127);

    assertEquals(1f, levels.scales()[0]);
    assertTrue(levels.scales()[1] > 0);
    assertArrayEquals(new byte[4], levels.levels());
  }

  private static float[] gaussian(Random random) {
    var weight = new float[OUT * IN];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) random.nextGaussian();
    }
    return weight;
  }
}
