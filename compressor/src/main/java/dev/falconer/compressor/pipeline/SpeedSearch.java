package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.PackOptions.Precision;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Picks one choice of each layer, so that the served graph is so many times as fast and the errors
 * sum to the least.
 *
 * <p>Times of single layers don't sum to the graph's: layers that are fused, or share a cache, take
 * less. So the graph that a choice gives is timed, with weights that stand in for those to be
 * found, and the next choice is made for the budget that is left by what the sum was off.
 *
 * @param search by nanoseconds of the kernels
 * @param served graph
 * @param clock in nanoseconds
 */
public record SpeedSearch(PlanSearch.Judged search, ServedGraph served, LongSupplier clock) {
  private static final int ROUNDS = 5;

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
   * Returns the choice of least error among those found to be as fast as wanted; where none was,
   * the fastest of those tried.
   *
   * @param speedup over the dense graph
   */
  public Timed of(double speedup) {
    double dense = timed(served.dense()).millis();
    Timed best = timed(search.best(ANY)); // the least error
    Timed last = best;
    Set<Map<LinearLayer, Treatment>> tried = new HashSet<>();
    tried.add(best.found.plan().steps());
    for (int round = 0; round < ROUNDS; round++) {
      double offset = dense / last.time.speedup() - last.found.cost() / 1e6;
      PlanSearch.Found found = search.best((long) Math.floor(1e6 * (dense / speedup - offset)));
      if (!tried.add(found.plan().steps())) {
        break;
      }
      last = timed(found);
      best = better(best, last, speedup);
    }
    return best;
  }

  private Timed timed(PlanSearch.Found found) {
    Model whole = search.search().choices().model();
    Model standIn = ServedGraph.standIn(whole, found.plan().steps());
    return new Timed(found, timed(served.packed(standIn, types(found.plan()))));
  }

  private static Timed better(Timed best, Timed other, double speedup) {
    boolean isFast = best.time.speedup() >= speedup;
    if (isFast != other.time.speedup() >= speedup) {
      return isFast ? best : other;
    }
    boolean isBetter =
        isFast
            ? other.found.error() < best.found.error()
            : other.time.speedup() > best.time.speedup();
    return isBetter ? other : best;
  }
}
