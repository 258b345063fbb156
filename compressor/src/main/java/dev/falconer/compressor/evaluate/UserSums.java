package dev.falconer.compressor.evaluate;

/**
 * Figures that are functions of sums over rows, kept per user: a resample costs one pass over
 * users.
 */
final class UserSums {
  /** Probabilities are kept this far from 0 and 1 in the log loss. */
  private static final double CLIP = 1e-7;

  private final double[] loss;
  private final double[] predicted;
  private final double[] observed;
  private final double[] count;

  /**
   * @param users number of users
   * @param user [n] index of each row's user
   * @param scores [n] probabilities
   * @param positive [n] labels
   */
  UserSums(int users, int[] user, float[] scores, boolean[] positive) {
    loss = new double[users];
    predicted = new double[users];
    observed = new double[users];
    count = new double[users];
    for (int i = 0; i < user.length; i++) {
      double p = Math.clamp(scores[i], CLIP, 1 - CLIP);
      loss[user[i]] -= positive[i] ? Math.log(p) : Math.log1p(-p);
      predicted[user[i]] += scores[i];
      observed[user[i]] += positive[i] ? 1 : 0;
      count[user[i]]++;
    }
  }

  /**
   * Returns the normalised entropy: mean log loss over the entropy of the base rate of the same
   * rows. 1 is as good as knowing the base rate alone. Source: He et al. 2014, eq. 1.
   */
  double normalizedEntropy(int[] weights) {
    double rows = weighted(count, weights);
    double rate = weighted(observed, weights) / rows;
    double entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate));
    return rate > 0 && rate < 1 ? weighted(loss, weights) / rows / entropy : Double.NaN;
  }

  /** Returns the sum of predicted probabilities over the number of positives. */
  double calibration(int[] weights) {
    double positives = weighted(observed, weights);
    return positives > 0 ? weighted(predicted, weights) / positives : Double.NaN;
  }

  private static double weighted(double[] sums, int[] weights) {
    double total = 0;
    for (int u = 0; u < sums.length; u++) {
      total += sums[u] * weights[u];
    }
    return total;
  }
}
