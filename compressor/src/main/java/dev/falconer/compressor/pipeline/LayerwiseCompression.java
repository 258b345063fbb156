package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.calibrate.PairedStatistics;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan.Prune;
import dev.falconer.compressor.pipeline.CompressionPlan.Targets;
import dev.falconer.compressor.report.LayerReport;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.LayerSolution;
import dev.falconer.compressor.solver.Matrix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 */
public record LayerwiseCompression(Runner.Factory runners, LongSupplier nanos) {
  /** A network on the way. Layers done are those with a report. */
  public record State(Model model, List<LayerReport> done) {
    /** Copies the list. */
    public State {
      done = List.copyOf(done);
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
    var reports = new ArrayList<>(state.done);
    var weights = new LinkedHashMap<LinearLayer, Matrix>();
    for (LinearLayer layer : layers) {
      Prune prune = plan.of(layer);
      PairedStatistics seen =
          java.util.Objects.requireNonNull(statistics.get(layer), layer.weight());
      Matrix weight = layer.read(state.model.graph());
      long start = nanos.getAsLong();
      LayerSolution solution;
      try {
        solution = prune.solver().solve(problem(weight, seen, prune, plan.plan().targets()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "layer \"%s\" [%d, %d]: %s"
                .formatted(layer.weight(), layer.out(), layer.in(), e.getMessage()),
            e);
      }
      weights.put(layer, solution.weight());
      reports.add(
          new LayerReport(
              layer.weight(),
              layer.out(),
              layer.in(),
              prune.toString(),
              solution.mask().density(),
              solution.relativeError(),
              seen.rows(),
              (nanos.getAsLong() - start) / 1e9));
    }
    return new State(
        state.model.withGraph(LinearLayer.written(state.model.graph(), weights)), reports);
  }

  private static LayerProblem problem(
      Matrix weight, PairedStatistics seen, Prune prune, Targets targets) {
    LayerProblem problem =
        switch (targets) {
          case SYMMETRIC -> new LayerProblem(weight, seen.gram(), prune.pattern());
          case ASYMMETRIC ->
              LayerProblem.asymmetric(
                  weight, seen.gram(), seen.cross(), seen.dense(), prune.pattern());
        };
    return problem.withRows(seen.rows());
  }
}
