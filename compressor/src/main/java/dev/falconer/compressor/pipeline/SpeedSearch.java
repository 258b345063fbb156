package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.PackOptions.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Picks one choice of each layer, so that the served graph is so many times as fast and the errors
 * sum to the least.
 *
 * <p>Times of single layers don't sum to the graph's: layers that are fused, or share a cache, take
 * less. So the graphs that choices give are timed, with weights that stand in for those to be
 * found: those of the least error and of the least time, then, between the slowest that is fast
 * enough and the fastest that is not, the one whose layers' times are as far between theirs as the
 * time wanted is between the graphs'.
 *
 * @param search by nanoseconds of the kernels
 * @param served graph
 * @param clock in nanoseconds
 */
public record SpeedSearch(PlanSearch.Judged search, ServedGraph served, LongSupplier clock) {
  /** Graphs timed between the slowest and the fastest. */
  private static final int ROUNDS = 6;

  /** Of the way between two graphs, at least so much is gone from either. */
  private static final double LEAST = .1;

  /** More nanoseconds than anything takes. */
  private static final long ANY = Long.MAX_VALUE / 4;

  /**
   * A choice, and its graph's time against the dense one's.
   *
   * @param found its cost is in nanoseconds
   */
  public record Timed(PlanSearch.Found found, Time time) {}

  /** Returns the time of a served graph against the dense one's. */
  public Time timed(Model graph) {
    try (OrtRunner dense = OrtRunner.open(served.dense(), 1);
        OrtRunner other = OrtRunner.open(graph, 1)) {
      return new SideBySide(clock).againstFirst(List.of(dense, other), served.feeds()).getLast();
    }
  }

  /** Returns the type of each layer's products that a plan gives something, by its weight. */
  public static Map<String, Precision> types(ResolvedPlan plan) {
    var types = new LinkedHashMap<String, Precision>();
    plan.steps()
        .forEach((layer, treatment) ->
            treatment.kernel().ifPresent(type -> types.put(layer.weight(), type)));
    return types;
  }

  /**
   * Returns the choice of least error among those found to be as fast as wanted; the fastest where
   * none is.
   *
   * @param speedup over the dense graph
   */
  public Timed of(double speedup) {
    Timed slow = timed(search.best(ANY));
    if (slow.time.speedup() >= speedup) {
      return slow;
    }
    Timed fast = timed(search.best(-ANY));
    for (int round = 0; round < ROUNDS && fast.time.speedup() >= speedup; round++) {
      double from = 1 / slow.time.speedup();
      double way = (from - 1 / speedup) / (from - 1 / fast.time.speedup());
      double share = Math.clamp(way, LEAST, 1 - LEAST);
      long range = fast.found.cost() - slow.found.cost();
      PlanSearch.Found found = search.best(slow.found.cost() + Math.round(share * range));
      if (isSame(found, slow.found) || isSame(found, fast.found)) {
        break;
      }
      Timed next = timed(found);
      if (next.time.speedup() >= speedup) {
        fast = next;
      } else {
        slow = next;
      }
    }
    return fast;
  }

  private static boolean isSame(PlanSearch.Found one, PlanSearch.Found other) {
    return one.plan().steps().equals(other.plan().steps());
  }

  private Timed timed(PlanSearch.Found found) {
    Model whole = search.search().choices().model();
    Model standIn = ServedGraph.standIn(whole, found.plan().steps());
    return new Timed(found, timed(served.packed(standIn, types(found.plan()))));
  }
}
