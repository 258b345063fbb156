package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.Histogram;
import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.calibrate.PairedStatistics;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan.Targets;
import dev.falconer.compressor.report.LayerReport;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Matrix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/**
 * Compresses the layers of a network one group after the other, each on what the compressed layers
 * before it give.
 *
 * <pre>
 * examples ─┬ dense network ─────────── Xd ┐
 *           └ compressed up to here ─── Xp ┴ H, C ─ solver ─ weight ─► written, next group
 * </pre>
 *
 * @param runners opens models
 * @param nanos a clock
 * @param threads on which the layers of a group are solved
 */
public record LayerwiseCompression(Runner.Factory runners, LongSupplier nanos, int threads) {
  /**
   * A network on the way.
   *
   * @param model with every compressed weight in place of the dense one, all parts together
   * @param done reports of the layers that are compressed
   * @param parts in which the weight of each of them is to be written, by name
   */
  public record State(Model model, List<LayerReport> done, Map<String, Parts> parts) {
    /** Copies the collections. */
    public State {
      done = List.copyOf(done);
      parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /**
     * Returns the dense network with the compressed layers of some kinds written in their parts.
     *
     * @param dense the network before
     */
    public Model written(Model dense, ResolvedPlan plan, Set<Treatment.Kind> kinds) {
      List<LinearLayer> layers =
          plan.steps().keySet().stream()
              .filter(layer -> kinds.contains(plan.of(layer).kind()))
              .toList();
      Model merged = dense;
      for (LinearLayer layer : layers) {
        Map<LinearLayer, Matrix> weight = Map.of(layer, layer.read(model.graph()));
        merged = merged.withGraph(LinearLayer.written(merged.graph(), weight));
      }
      return PartsWriter.written(merged, layers, parts, plan.removals(layers));
    }

    /** Returns a network of which nothing is compressed. */
    public static State of(Model dense) {
      return new State(dense, List.of(), Map.of());
    }
  }

  /** Hears of every group of layers that is done. */
  public interface Listener {
    /** Called with the network as it stands. */
    void advanced(State state);
  }

  /**
   * Returns the network with all layers of the plan compressed.
   *
   * @param dense the network before
   * @param start where to go on; the dense network with nothing done to begin
   * @param examples inputs of the network to calibrate on
   */
  public State run(
      Model dense,
      State start,
      ResolvedPlan plan,
      List<Map<String, TensorData>> examples,
      Listener listener) {
    var calibration = new PairedCalibration(dense, runners);
    Set<String> done = new HashSet<>();
    start.done().forEach(report -> done.add(report.layer()));
    State state = start;
    for (List<LinearLayer> group : plan.groups()) {
      List<LinearLayer> open =
          group.stream().filter(layer -> !done.contains(layer.weight())).toList();
      if (!open.isEmpty()) {
        state = compressed(state, open, plan, calibration.run(state.model, open, examples));
        listener.advanced(state);
      }
    }
    return state;
  }

  private State compressed(
      State state,
      List<LinearLayer> layers,
      ResolvedPlan plan,
      Map<LinearLayer, PairedStatistics> statistics) {
    Model model = state.model;
    List<Solved> solved =
        new Workers(threads)
            .all(
                layers.stream()
                    .<Callable<Solved>>map(layer -> () -> solved(model, layer, plan, statistics))
                    .toList());
    var reports = new ArrayList<>(state.done);
    var weights = new LinkedHashMap<LinearLayer, Matrix>();
    var parts = new LinkedHashMap<>(state.parts);
    for (Solved each : solved) {
      weights.put(each.layer, each.outcome.weight());
      parts.put(each.layer.weight(), each.outcome.parts());
      reports.add(each.report);
    }
    return new State(model.withGraph(LinearLayer.written(model.graph(), weights)), reports, parts);
  }

  private record Solved(LinearLayer layer, Outcome outcome, LayerReport report) {}

  private Solved solved(
      Model model,
      LinearLayer layer,
      ResolvedPlan plan,
      Map<LinearLayer, PairedStatistics> statistics) {
    Treatment treatment = plan.of(layer);
    PairedStatistics seen = java.util.Objects.requireNonNull(statistics.get(layer), layer.weight());
    long start = nanos.getAsLong();
    Outcome outcome;
    try {
      outcome = solved(layer, layer.read(model.graph()), seen, treatment, plan.plan().targets());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "layer \"%s\" [%d, %d]: %s"
              .formatted(layer.weight(), layer.out(), layer.in(), e.getMessage()),
          e);
    }
    var report =
        new LayerReport(
            layer.weight(),
            layer.out(),
            layer.in(),
            treatment.toString(),
            outcome.density(),
            outcome.relativeError(),
            seen.rows(),
            (nanos.getAsLong() - start) / 1e9);
    return new Solved(layer, outcome, report);
  }

  /** Solves with the inputs in the order in which the groups of a pattern are consecutive. */
  static Outcome solved(
      LinearLayer layer,
      Matrix weight,
      PairedStatistics seen,
      Treatment treatment,
      Targets targets) {
    var order =
        new InputOrder(
            treatment instanceof Treatment.Remove remove
                ? remove.removal().order()
                : layer.groupOrder());
    Matrix gram = order.both(seen.gram());
    LayerProblem problem =
        switch (targets) {
          case SYMMETRIC -> new LayerProblem(order.columns(weight), gram, treatment.pattern());
          case ASYMMETRIC ->
              LayerProblem.asymmetric(
                  order.columns(weight),
                  gram,
                  order.both(seen.cross()),
                  order.both(seen.dense()),
                  treatment.pattern());
        };
    List<Histogram> inputs =
        layer.taps().stream()
            .map(tap -> java.util.Objects.requireNonNull(seen.values().get(tap.input())))
            .toList();
    return order.back(treatment.apply(problem.withRows(seen.rows()), inputs));
  }
}
