package dev.falconer.compressor.evaluate;

import java.util.Arrays;
import java.util.Locale;

/**
 * A figure with the 2.5 % and 97.5 % points of its bootstrap distribution. NaN throughout where the
 * figure is undefined, such as the AUC of rows with one label only.
 */
public record Interval(double value, double low, double high) {
  /** Returns the interval of a value over its resamples; undefined resamples are left out. */
  static Interval of(double value, double[] resamples) {
    double[] sorted = Arrays.stream(resamples).filter(Double::isFinite).sorted().toArray();
    if (sorted.length == 0) {
      return new Interval(value, Double.NaN, Double.NaN);
    }
    return new Interval(value, quantile(sorted, .025), quantile(sorted, .975));
  }

  /** Returns whether the other value lies inside, ends included. */
  public boolean contains(double other) {
    return low <= other && other <= high;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
