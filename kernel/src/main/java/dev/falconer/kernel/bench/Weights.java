package dev.falconer.kernel.bench;

import dev.falconer.packed.Layout;
import dev.falconer.packed.Rounding;
import dev.falconer.packed.WeightPacker;
import java.util.Random;

/**
 * Random weights with the zeros of a layout.
 *
 * @param layout of the zeros
 * @param density share of the weights that are not 0, above 0 to 1
 */
record Weights(Layout layout, double density) {
  /** Returns weights without zeros. */
  static Weights dense() {
    return new Weights(Layout.DENSE, 1);
  }

  /** Returns the share of a weight that is not 0. */
  static double kept(float[] weight) {
    int kept = 0;
    for (float value : weight) {
      kept += value == 0 ? 0 : 1;
    }
    return (double) kept / weight.length;
  }

  /** Returns a weight [n, k]. */
  float[] random(int k, int n, Random random) {
    var weight = new float[k * n];
    int width = layout == Layout.PERMUTE16 ? 1 : Layout.WIDTH;
    int quad = layout == Layout.PANEL16X4 ? Layout.QUAD : 1;
    int span = layout == Layout.PERMUTE16 ? Layout.WIDTH : k;
    for (int top = 0; top < n; top += width) {
      for (int left = 0; left < k; left += span) {
        int choices = Math.min(span, k - left) / quad;
        int kept = layout == Layout.DENSE ? choices : (int) Math.max(1, density * choices);
        for (int each : picks(choices, kept, random)) {
          for (int o = top; o < Math.min(n, top + width); o++) {
            for (int i = left + each * quad; i < left + (each + 1) * quad; i++) {
              weight[o * k + i] = (float) random.nextGaussian();
            }
          }
        }
      }
    }
    return weight;
  }

  private static int[] picks(int of, int number, Random random) {
    int[] all = java.util.stream.IntStream.range(0, of).toArray();
    for (int i = 0; i < number; i++) {
      int other = random.nextInt(i, of);
      int pick = all[other];
      all[other] = all[i];
      all[i] = pick;
    }
    return java.util.Arrays.copyOf(all, number);
  }

  /** Returns a weight [n, k] packed in float32. */
  byte[] floats(int k, int n, float[] weight) {
    return WeightPacker.floats(layout, n, k, weight);
  }

  /** Returns a weight [n, k] packed in int8, levels of up to 63. */
  byte[] levels(int k, int n, float[] weight, int activationLevels) {
    float[] scales = ProductModel.scales(k, n, weight);
    var levels = new byte[weight.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) Math.round(weight[i] / scales[i / k]);
    }
    return WeightPacker.levels(layout, n, k, levels, scales, Rounding.plain(activationLevels, k));
  }
}
