package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerChoices;
import dev.falconer.compressor.pipeline.Multiplier;
import dev.falconer.compressor.pipeline.PlanSearch;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import dev.falconer.compressor.quantize.HalfTables;
import dev.falconer.compressor.report.StepReport;
import dev.falconer.compressor.report.TargetReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Chooses among a plan's options so that the whole model meets a target. */
final class TargetSearch {
  /** What lengths of lengths in a file may add to the sum of its layers' changes. */
  private static final int SLACK_BYTES = 8;

  /** Layers named in an error. */
  private static final int NAMED = 20;

  private final Target target;
  private final LayerChoices choices;
  private final CalibrationExamples examples;
  private final int threads;

  TargetSearch(Target target, LayerChoices choices, CalibrationExamples examples, int threads) {
    this.target = target;
    this.choices = choices;
    this.examples = examples;
    this.threads = threads;
  }

  /**
   * A plan that is expected to meet the target.
   *
   * @param base what the model takes with no layer treated, in the target's unit
   */
  record Chosen(Target target, double base, PlanSearch.Found found) {
    ResolvedPlan plan() {
      return found.plan();
    }

    /** Compares the compressed model with the target. */
    TargetReport report(List<StepReport> steps) {
      StepReport dense = steps.getFirst();
      StepReport last = steps.getLast();
      double scale = scale(target);
      boolean isBytes = target.unit() == Target.Unit.BYTES;
      return new TargetReport(
          target.asked(),
          target.unit().toString(),
          target.of(isBytes ? dense.bytes() : dense.time().millis()),
          base + scale * found.cost(),
          isBytes ? last.bytes() : last.time().millis(),
          found.error(),
          found.frontier().stream()
              .map(point -> new TargetReport.Point(base + scale * point.cost(), point.error()))
              .toList(),
          found.measured().stream()
              .map(each ->
                  new TargetReport.Option(
                      each.layer(), each.what(), scale * each.cost(), each.error()))
              .toList());
    }
  }

  /** Returns what a unit of a search's costs, a byte or a nanosecond, is in the target's unit. */
  private static double scale(Target target) {
    return switch (target.unit()) {
      case BYTES -> 1;
      case MILLIS -> 1e-6;
    };
  }

  /**
   * Returns the choice.
   *
   * @param err progress is shown there
   * @throws IllegalArgumentException when the dense model meets the target, or no choice does: with
   *     the least that can be reached
   */
  Chosen run(PrintWriter text, PrintWriter err) {
    text.printf(
        Locale.ROOT,
        "choosing for %s among %d treatments of %d layers; sums take up to %.1f MB%n",
        target.asked(),
        choices.treatments(),
        choices.layers().size(),
        choices.calibrationBytes() / 1e6);
    choices.leftOut().forEach(text::println);
    text.flush();
    try (var progress = new ConsoleProgress(err)) {
      int layers = choices.layers().size();
      PlanSearch search =
          switch (target.unit()) {
            case BYTES -> PlanSearch.byBytes(choices, done -> progress.step("sizes", done, layers));
            case MILLIS ->
                PlanSearch.byNanos(
                    choices,
                    CalibrationExamples.largest(examples.judged()),
                    System::nanoTime,
                    done -> progress.step("times", done, layers));
          };
      Sizes sizes = sizes(); // times of the first calls in a process are too long
      double limit = target.of(sizes.dense);
      checkIsOpen(limit, sizes.dense);
      long budget = (long) Math.floor((limit - sizes.base) / scale(target));
      if (search.leastCost() > budget) {
        throw unreachable(limit, sizes.base, search);
      }
      PlanSearch.Found found =
          search
              .judged(
                  Multiplier.ONNX_RUNTIME,
                  CalibrationExamples.of(examples.calibration()),
                  OrtRunner.factory(1),
                  threads,
                  done -> progress.step("options", done, choices.treatments()))
              .best(budget);
      return new Chosen(target, sizes.base, found);
    }
  }

  /** The model before, and with all that is done to it but its layers, in the target's unit. */
  private record Sizes(double dense, double base) {}

  private Sizes sizes() {
    Model dense = choices.model();
    boolean isHalf = choices.plan().halfTables();
    Model base = isHalf ? HalfTables.DEFAULT.apply(dense).model() : dense;
    if (target.unit() == Target.Unit.BYTES) {
      Model recorded = CompressionRecord.longest(choices).in(base);
      return new Sizes(OnnxWriter.bytes(dense), OnnxWriter.bytes(recorded) + SLACK_BYTES);
    }
    Map<String, TensorData> example = CalibrationExamples.largest(examples.judged());
    try (OrtRunner ofDense = OrtRunner.open(dense, 1);
        OrtRunner ofBase = OrtRunner.open(base, 1)) {
      List<OrtRunner> both = isHalf ? List.of(ofDense, ofBase) : List.of(ofDense);
      List<Time> times = new SideBySide(System::nanoTime).of(both, example);
      return new Sizes(times.getFirst().millis(), times.getLast().millis());
    }
  }

  private void checkIsOpen(double limit, double dense) {
    boolean canStay =
        choices.layers().values().stream()
            .allMatch(each -> each.stream().anyMatch(choice -> choice.treatment().isEmpty()));
    if (limit >= dense && canStay && !choices.plan().halfTables()) {
      throw new IllegalArgumentException(
          "%s: the model meets it as it is, with %s".formatted(target.asked(), amount(dense)));
    }
  }

  private IllegalArgumentException unreachable(double limit, double base, PlanSearch search) {
    var layers = new LinkedHashMap<String, List<String>>();
    ResolvedPlan plan = search.cheapest();
    plan.steps()
        .forEach((layer, treatment) ->
            layers
                .computeIfAbsent(treatment.toString(), _ -> new ArrayList<>())
                .add(layer.weight()));
    if (!plan.dense().isEmpty()) {
      layers.put("dense", List.copyOf(plan.dense().keySet()));
    }
    List<String> what =
        layers.entrySet().stream()
            .map(entry -> entry.getKey() + " for " + names(entry.getValue()))
            .toList();
    return new IllegalArgumentException(
        "%s: that is %s, and the plan's options reach no less than %s: %s"
            .formatted(
                target.asked(),
                amount(limit),
                amount(base + scale(target) * search.leastCost()),
                String.join("; ", what)));
  }

  private static String names(List<String> layers) {
    String some = String.join(", ", layers.subList(0, Math.min(NAMED, layers.size())));
    return layers.size() <= NAMED ? some : some + " and %d more".formatted(layers.size() - NAMED);
  }

  private String amount(double value) {
    return String.format(
        Locale.ROOT, target.unit() == Target.Unit.BYTES ? "%,.0f bytes" : "%.4f ms", value);
  }
}
