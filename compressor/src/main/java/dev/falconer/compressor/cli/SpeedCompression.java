package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.Bootstrap;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.evaluate.QualityGate;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.LayerChoices;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.pipeline.Multiplier;
import dev.falconer.compressor.pipeline.PlanSearch;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import dev.falconer.compressor.pipeline.ServedGraph;
import dev.falconer.compressor.pipeline.SpeedSearch;
import dev.falconer.compressor.pipeline.Treatment;
import dev.falconer.compressor.report.SpeedReport;
import dev.falconer.compressor.report.TargetReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compresses a model until the kernels run it so many times as fast, within a gate on its quality.
 *
 * <pre>
 * times and errors of single layers ─ choose ─ compress ─ time, judge ─┬─ within the gate: done
 *                                       ▲                             │
 *                                       └──── half as much more ──────┘
 * </pre>
 *
 * Speed-ups are halved on a logarithmic scale between the fastest that was within the gate and the
 * slowest that was not. A model within the gate after one shot is not trained on: that takes longer
 * than all else, and on a small log the model then fits the labels less well than before. Source:
 * MovieLens-100K, panel16@0.25, normalized entropy .0022 lower after one shot and .0016 higher
 * after an epoch more, AUC .0009 and .0014 higher.
 *
 * @param dense model
 * @param plan with options
 * @param examples to calibrate on
 * @param judge gives a model's scores of held-out labels
 * @param tuning of those that are not within the gate after one shot, if any
 * @param options of speed and quality
 * @param threads that solve
 * @param machine its memory
 */
record SpeedCompression(
    Model dense,
    CompressionPlan plan,
    CalibrationExamples examples,
    Function<Runner, Predictions> judge,
    Optional<MaskedTuning> tuning,
    SpeedOptions options,
    int threads,
    MachineMemory machine) {
  /** Compressed models that are tried, each of which takes as long as a compression by a plan. */
  private static final int MOST_POINTS = 5;

  /** A graph's speed-up differs by so much from one time to another. */
  private static final double HEADROOM = 1.02;

  /** Speed-ups nearer than this are not told apart. */
  private static final double NEAR = 1.08;

  /**
   * What was found.
   *
   * @param state compressed, the fastest within the gate, else the last that was tried
   * @param model the same, tuned
   * @param report of all that were
   */
  record Result(SpeedSearch.Timed choice, State state, Model model, SpeedReport report) {
    /** Returns whether the state is within the gate. */
    boolean isWritten() {
      return report.points().stream().anyMatch(SpeedReport.Point::isWritten);
    }

    ResolvedPlan plan() {
      return choice.found().plan();
    }
  }

  /** A model that was tried. */
  private record Tried(
      SpeedSearch.Timed choice, State state, Model model, SpeedReport.Point point) {
    double speedup() {
      return point.time().speedup();
    }
  }

  /** A model after one shot. */
  private record Compressed(SpeedSearch.Timed choice, double wanted, State state) {}

  /**
   * Returns the fastest compressed model within the gate that was found.
   *
   * @param err progress is shown there
   */
  Result run(PrintWriter text, PrintWriter err) {
    double wanted = options.target().orElseThrow();
    if (plan.rules().stream()
        .flatMap(rule -> rule.choices().stream())
        .anyMatch(c -> c.removed() > 0)) {
      throw new IllegalArgumentException(
          "remove doesn't go with --target-speedup; remove first, by a plan of its own");
    }
    List<LinearLayer> layers = LinearLayers.find(dense.graph(), Set.of()).layers();
    LayerChoices choices = LayerChoices.of(plan, dense, layers).forKernels();
    int most = choices.layers().values().stream().mapToInt(List::size).max().orElse(1);
    MemoryNeed.compressing(choices.groups(), most, threads, choices.calibrationBytes())
        .check("compressing", Runtime.getRuntime().maxMemory(), machine.available());
    ServedGraph served =
        ServedGraph.of(
            dense,
            options.candidates,
            CalibrationExamples.largest(examples.judged()),
            OrtRunner.factory(1));
    text.printf(
        Locale.ROOT,
        "choosing for %s among %d treatments of %d layers%ntimed: %s%n",
        asked(),
        choices.treatments(),
        choices.layers().size(),
        served.what());
    choices.leftOut().forEach(text::println);
    text.flush();
    SpeedSearch search = search(choices, served, err);
    var judged = new Judged();
    var tried = new ArrayList<Tried>();
    double within = 1;
    double beyond = Double.POSITIVE_INFINITY;
    double next = HEADROOM * wanted;
    while (tried.size() < MOST_POINTS) {
      SpeedSearch.Timed choice = search.of(next);
      if (tried.stream().anyMatch(each -> isSame(each.choice, choice))) {
        break;
      }
      Tried now = tried(search, choice, next, judged, err);
      tried.add(now);
      text.printf(
          Locale.ROOT,
          "speed-up %.2f wanted, %.2f found: %s%s%n",
          next,
          now.speedup(),
          now.point.isWithin() ? "within the gate" : "not within the gate",
          now.point.isTrained() ? ", trained on" : "");
      text.flush();
      if (now.point.isWithin()) {
        within = Math.max(within, now.speedup());
        if (now.speedup() >= wanted) {
          break;
        }
      } else {
        beyond = Math.min(beyond, now.speedup());
      }
      if (beyond < NEAR * within) {
        break;
      }
      next =
          beyond == Double.POSITIVE_INFINITY
              ? HEADROOM * next * wanted / now.speedup()
              : Math.sqrt(within * beyond);
    }
    return result(search, tried, wanted);
  }

  private String asked() {
    return "--target-speedup " + options.target().orElseThrow();
  }

  private SpeedSearch search(LayerChoices choices, ServedGraph served, PrintWriter err) {
    try (var progress = new ConsoleProgress(err)) {
      int layers = choices.layers().size();
      PlanSearch search =
          PlanSearch.byKernels(
              choices, served, System::nanoTime, done -> progress.step("times", done, layers));
      return new SpeedSearch(
          search.judged(
              Multiplier.KERNELS,
              CalibrationExamples.of(examples.calibration()),
              OrtRunner.factory(1),
              threads,
              done -> progress.step("options", done, search.choices().treatments())),
          served,
          System::nanoTime);
    }
  }

  private static boolean isSame(SpeedSearch.Timed one, SpeedSearch.Timed other) {
    return one.found().plan().steps().equals(other.found().plan().steps());
  }

  private Tried tried(
      SpeedSearch search, SpeedSearch.Timed choice, double wanted, Judged judged, PrintWriter err) {
    ResolvedPlan chosen = choice.found().plan();
    State state =
        new LayerwiseRun(dense, examples.calibration(), threads, err)
            .from(State.of(dense), chosen, _ -> {});
    var compressed = new Compressed(choice, wanted, state);
    Tried oneShot = tried(search, judged, compressed, state.model(), false);
    if (oneShot.point.isWithin() || tuning.isEmpty()) {
      return oneShot;
    }
    Model trained = tuning.get().fit(state.model(), masks(state.model(), chosen));
    return tried(search, judged, compressed, trained, true);
  }

  private Tried tried(
      SpeedSearch search, Judged judged, Compressed compressed, Model model, boolean isTrained) {
    PlanSearch.Found found = compressed.choice.found();
    Map<String, Precision> types = SpeedSearch.types(found.plan());
    Time time = search.timed(search.served().packed(model, types));
    try (Runner runner = search.served().served(model, types)) {
      var point =
          new SpeedReport.Point(
              compressed.wanted, time, found.error(), judged.of(runner), isTrained, false);
      return new Tried(compressed.choice, compressed.state, model, point);
    }
  }

  /** Returns 1 where a weight of a layer with zeros is not 0, by constant. */
  private static Map<String, NumericTensor> masks(Model model, ResolvedPlan plan) {
    var masks = new HashMap<String, NumericTensor>();
    plan.steps()
        .forEach((layer, treatment) -> {
          if (!treatment.pattern().equals(Treatment.NO_ZEROS)
              && model.graph().initializers().get(layer.weight()) instanceof NumericTensor weight) {
            float[] marks = weight.toFloats();
            for (int i = 0; i < marks.length; i++) {
              marks[i] = marks[i] == 0 ? 0 : 1;
            }
            masks.put(layer.weight(), TensorData.floats(weight.shape(), marks));
          }
        });
    return masks;
  }

  /** The dense model's scores and qualities, which are found once. */
  private final class Judged {
    private @Nullable Predictions known;
    private List<Quality> qualities = List.of();

    List<QualityGate.Verdict> of(Runner compressed) {
      Predictions before = before();
      Predictions after = judge.apply(compressed);
      return options.gate().of(qualities, Quality.differences(after, before, Bootstrap.standard()));
    }

    private Predictions before() {
      Predictions found = known;
      if (found == null) {
        try (OrtRunner runner = OrtRunner.open(dense, threads)) {
          found = judge.apply(runner);
        }
        known = found;
        qualities = Quality.of(found, Bootstrap.standard());
      }
      return found;
    }
  }

  private Result result(SpeedSearch search, List<Tried> tried, double wanted) {
    int best = -1;
    for (int i = 0; i < tried.size(); i++) {
      if (tried.get(i).point.isWithin()
          && (best < 0 || tried.get(i).speedup() > tried.get(best).speedup())) {
        best = i;
      }
    }
    var points = new ArrayList<SpeedReport.Point>();
    for (int i = 0; i < tried.size(); i++) {
      SpeedReport.Point point = tried.get(i).point;
      points.add(i == best ? point.written() : point);
    }
    Tried chosen = best < 0 ? tried.getLast() : tried.get(best);
    PlanSearch.Found found = chosen.choice.found();
    return new Result(
        chosen.choice,
        chosen.state,
        chosen.model,
        new SpeedReport(
            asked(),
            wanted,
            search.served().what(),
            "kernels: " + OrtRunner.kernels(),
            options.gate(),
            points,
            found.frontier().stream()
                .map(point -> new TargetReport.Point(point.cost(), point.error()))
                .toList(),
            found.measured().stream()
                .map(each ->
                    new TargetReport.Option(each.layer(), each.what(), each.cost(), each.error()))
                .toList()));
  }
}
