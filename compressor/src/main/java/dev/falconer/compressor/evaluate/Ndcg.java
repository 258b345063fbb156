package dev.falconer.compressor.evaluate;

/**
 * Normalised discounted cumulative gain of the first k of each slate, gain 1 per positive, averaged
 * over the slates that have a positive and at least two rows. Ties keep the slate's order.
 */
final class Ndcg implements Bootstrap.Statistic {
  private final double[] sums;
  private final int[] slates;

  Ndcg(int users, Predictions.Rows rows, int k) {
    sums = new double[users];
    slates = new int[users];
    for (int from = 0; from < rows.size(); ) {
      int to = from + 1;
      while (to < rows.size() && rows.slate[to] == rows.slate[from]) {
        to++;
      }
      add(rows, from, to, k);
      from = to;
    }
  }

  private void add(Predictions.Rows rows, int from, int to, int k) {
    var descending = new float[to - from];
    int positives = 0;
    for (int i = from; i < to; i++) {
      descending[i - from] = -rows.score[i];
      positives += rows.positive[i] ? 1 : 0;
    }
    if (positives == 0 || descending.length < 2) {
      return;
    }
    int[] order = Sorting.ascending(descending);
    double gain = 0;
    double ideal = 0;
    for (int rank = 0; rank < Math.min(k, order.length); rank++) {
      double discount = Math.log(2) / Math.log(rank + 2.0);
      gain += rows.positive[from + order[rank]] ? discount : 0;
      ideal += rank < positives ? discount : 0;
    }
    sums[rows.user[from]] += gain / ideal;
    slates[rows.user[from]]++;
  }

  @Override
  public double of(int[] weights) {
    double sum = 0;
    long count = 0;
    for (int u = 0; u < sums.length; u++) {
      sum += weights[u] * sums[u];
      count += (long) weights[u] * slates[u];
    }
    return count == 0 ? Double.NaN : sum / count;
  }
}
