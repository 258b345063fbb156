package dev.falconer.compressor.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Resamples users with replacement, whole users with all their rows: rows of one user are not
 * independent, and resampling rows gives intervals up to three times too narrow. All statistics see
 * the same resamples, so that their differences are paired.
 *
 * @param resamples at least 200
 * @param seed of the drawing
 */
public record Bootstrap(int resamples, long seed) {
  /** Checks the number of resamples. */
  public Bootstrap {
    if (resamples < 200) {
      throw new IllegalArgumentException(
          "a 95 % interval needs >= 200 resamples, got " + resamples);
    }
  }

  /** Returns 500 resamples of a fixed seed. */
  public static Bootstrap standard() {
    return new Bootstrap(500, 20_261_124);
  }

  /** A figure of the rows, each user's rows counted as often as the user was drawn. */
  interface Statistic {
    /** Returns the figure, NaN where undefined. {@code weights} [users] hold counts. */
    double of(int[] weights);
  }

  /** Returns each statistic's value and interval, in their order. */
  List<Interval> intervals(int users, List<? extends Statistic> statistics) {
    var drawn = new double[statistics.size()][resamples];
    var weights = new int[users];
    var random = new SplittableRandom(seed);
    for (int r = 0; r < resamples; r++) {
      Arrays.fill(weights, 0);
      for (int u = 0; u < users; u++) {
        weights[random.nextInt(users)]++;
      }
      for (int s = 0; s < drawn.length; s++) {
        drawn[s][r] = statistics.get(s).of(weights);
      }
    }
    Arrays.fill(weights, 1);
    var intervals = new Interval[drawn.length];
    for (int s = 0; s < drawn.length; s++) {
      intervals[s] = Interval.of(statistics.get(s).of(weights), drawn[s]);
    }
    return List.of(intervals);
  }
}
