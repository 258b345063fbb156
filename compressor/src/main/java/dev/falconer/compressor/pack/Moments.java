package dev.falconer.compressor.pack;

import java.util.stream.IntStream;

/**
 * Mean and standard deviation of each feature of rows.
 *
 * @param means [features]
 * @param deviations [features]
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Moments(double[] means, double[] deviations) {
  /** Returns the root of the mean square of each feature. */
  double[] magnitudes() {
    return IntStream.range(0, means.length)
        .mapToDouble(i -> Math.hypot(means[i], deviations[i]))
        .toArray();
  }

  /** Returns the moments of rows less a vector, then times another: one number a feature each. */
  Moments mapped(float[] centres, float[] factors) {
    int features = means.length;
    return new Moments(
        IntStream.range(0, features)
            .mapToDouble(i -> (means[i] - centres[i]) * factors[i])
            .toArray(),
        IntStream.range(0, features).mapToDouble(i -> deviations[i] * factors[i]).toArray());
  }

  /** Adds rows one by one. */
  static final class Sum {
    private final double[] means;
    private final double[] squares;
    private long rows;

    Sum(int features) {
      means = new double[features];
      squares = new double[features];
    }

    int features() {
      return means.length;
    }

    /** Adds a row's feature; Welford's update, after {@link #begin}. */
    void add(int feature, double value) {
      double before = value - means[feature];
      means[feature] += before / rows;
      squares[feature] += before * (value - means[feature]);
    }

    /** Begins a row, of which every feature is then added once. */
    void begin() {
      rows++;
    }

    Moments moments() {
      double[] deviations = new double[squares.length];
      for (int i = 0; i < deviations.length; i++) {
        deviations[i] = rows == 0 ? 0 : Math.sqrt(squares[i] / rows);
      }
      return new Moments(means.clone(), deviations);
    }
  }
}
