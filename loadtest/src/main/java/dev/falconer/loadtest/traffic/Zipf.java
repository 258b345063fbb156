package dev.falconer.loadtest.traffic;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Draws ranks 0 to n - 1, rank r in proportion to 1 / (r + 1)^exponent. O(log n) a draw. */
final class Zipf {
  private final double[] cumulative;

  Zipf(int n, double exponent) {
    cumulative = new double[n];
    double sum = 0;
    for (int r = 0; r < n; r++) {
      sum += Math.pow(r + 1.0, -exponent);
      cumulative[r] = sum;
    }
  }

  int draw(RandomGenerator random) {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return Math.min(found < 0 ? -found - 1 : found + 1, cumulative.length - 1);
  }
}
