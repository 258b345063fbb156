package dev.falconer.compressor.network;

import dev.falconer.compressor.network.Knapsack.Option;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The lower convex hull of an item's options over their cost.
 *
 * @param cheapest where it begins
 * @param segments by rising cost, falling gain per cost
 */
record Hull(Option cheapest, List<Segment> segments) {
  /**
   * From one option to a dearer one.
   *
   * @param cost what it costs more, above 0
   * @param gain by how much its error is less, above 0
   */
  record Segment(long cost, double gain) {
    double perCost() {
      return gain / cost;
    }
  }

  static Hull of(List<Option> options) {
    var corners = new ArrayList<Option>();
    List<Option> sorted =
        options.stream()
            .sorted(Comparator.comparingLong(Option::cost).thenComparingDouble(Option::error))
            .toList();
    for (Option option : sorted) {
      if (!corners.isEmpty() && option.error() >= corners.getLast().error()) {
        continue;
      }
      while (corners.size() > 1
          && between(corners.getLast(), option).perCost()
              >= between(corners.get(corners.size() - 2), corners.getLast()).perCost()) {
        corners.removeLast();
      }
      corners.add(option);
    }
    var segments = new ArrayList<Segment>();
    for (int i = 1; i < corners.size(); i++) {
      segments.add(between(corners.get(i - 1), corners.get(i)));
    }
    return new Hull(corners.getFirst(), List.copyOf(segments));
  }

  private static Segment between(Option cheap, Option dear) {
    return new Segment(dear.cost() - cheap.cost(), cheap.error() - dear.error());
  }

  /** Returns what the dearest option costs more than the cheapest. */
  long range() {
    return segments.stream().mapToLong(Segment::cost).sum();
  }

  /** Returns the segments of several hulls, those of most gain per cost first. */
  static List<Segment> sorted(List<Hull> hulls) {
    return hulls.stream()
        .flatMap(hull -> hull.segments.stream())
        .sorted(Comparator.comparingDouble(Segment::perCost).reversed())
        .toList();
  }
}
