package dev.falconer.compressor.pack;

import dev.falconer.packed.Rounding;
import java.util.Arrays;
import java.util.Optional;

/**
 * A weight and how rows are rounded for it: W x = weight ((x - centres) factors) + given.
 *
 * <p>Centres are the rows' means, which take no levels then. Factors share the spread of inputs
 * among rows and weights, by the square roots of both (SmoothQuant, arXiv 2211.10438, eq. 4, with
 * deviations for largest magnitudes): on a trained ranker errors of products fall to between a half
 * and an eighth. A weight that lies on a grid already keeps its levels, factors are 1 then.
 *
 * @param weight [out, in]
 * @param given [out], what the centres took away; all 0 without them
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Smoothed(float[] weight, Rounding rounding, double[] given) {
  /** Least deviation of an input, of the mean of all. */
  private static final double LEAST = .2;

  /**
   * Returns a weight smoothed.
   *
   * @param weight [out, in]
   * @param rows what it is multiplied with, if that is known
   */
  static Smoothed of(float[] weight, int out, int in, PackOptions options, Optional<Moments> rows) {
    var given = new double[out];
    if (rows.isEmpty()) {
      return new Smoothed(weight, Rounding.plain(options.activationLevels(), in), given);
    }
    boolean isGrid = Levels.isGrid(weight, out, in, options.weightLevels());
    double[] deviations = rows.get().deviations();
    double least = LEAST * Arrays.stream(deviations).average().orElse(0);
    var centres = new float[in];
    var factors = new float[in];
    var smooth = new float[weight.length];
    for (int i = 0; i < in; i++) {
      float largest = 0;
      for (int o = 0; o < out; o++) {
        largest = Math.max(largest, Math.abs(weight[o * in + i]));
      }
      if (largest == 0) {
        continue; // nobody reads it
      }
      double deviation = Math.max(deviations[i], least);
      factors[i] = isGrid || deviation == 0 ? 1 : (float) Math.sqrt(largest / deviation);
      centres[i] = (float) rows.get().means()[i];
      for (int o = 0; o < out; o++) {
        smooth[o * in + i] = weight[o * in + i] / factors[i];
        given[o] += (double) weight[o * in + i] * centres[i];
      }
    }
    return new Smoothed(smooth, new Rounding(options.activationLevels(), centres, factors), given);
  }
}
