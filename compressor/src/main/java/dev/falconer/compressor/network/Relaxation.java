package dev.falconer.compressor.network;

import java.util.Arrays;
import java.util.List;

/**
 * The least error of some items by budget when options may be mixed: a convex, piecewise linear
 * bound from below on what whole options reach.
 */
final class Relaxation {
  /** Corners, by rising cost. */
  private final long[] costs;

  private final double[] errors;

  private Relaxation(long[] costs, double[] errors) {
    this.costs = costs;
    this.errors = errors;
  }

  static Relaxation of(List<Hull> items) {
    List<Hull.Segment> segments = Hull.sorted(items);
    var costs = new long[segments.size() + 1];
    var errors = new double[costs.length];
    costs[0] = items.stream().mapToLong(item -> item.cheapest().cost()).sum();
    errors[0] = items.stream().mapToDouble(item -> item.cheapest().error()).sum();
    for (int i = 0; i < segments.size(); i++) {
      costs[i + 1] = costs[i] + segments.get(i).cost();
      errors[i + 1] = Math.max(0, errors[i] - segments.get(i).gain());
    }
    return new Relaxation(costs, errors);
  }

  long leastCost() {
    return costs[0];
  }

  /** Returns the error of the dearest corner within a budget of at least the least cost. */
  double reachable(long budget) {
    return errors[corner(budget)];
  }

  /** Returns the least error within a budget of at least the least cost. */
  double bound(long budget) {
    int at = corner(budget);
    if (at == costs.length - 1) {
      return errors[at];
    }
    double share = (double) (budget - costs[at]) / (costs[at + 1] - costs[at]);
    return errors[at] + share * (errors[at + 1] - errors[at]);
  }

  private int corner(long budget) {
    int found = Arrays.binarySearch(costs, budget);
    return found >= 0 ? found : -found - 2;
  }
}
