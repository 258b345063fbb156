package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.Bootstrap;
import dev.falconer.compressor.evaluate.Cpu;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.OutputError;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.evaluate.QualityReports;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import dev.falconer.compressor.report.CompressionPage;
import dev.falconer.compressor.report.CompressionReport;
import dev.falconer.compressor.report.LayerReport;
import dev.falconer.compressor.report.SpeedReport;
import dev.falconer.compressor.report.StepReport;
import dev.falconer.compressor.report.TargetReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Measures the steps of a compression and reports them.
 *
 * @param source the dense model's file
 * @param json file of the report, if wanted
 * @param html file of the page, if wanted
 * @param text where the report is printed
 */
record ReportCard(Path source, @Nullable Path json, @Nullable Path html, PrintWriter text) {
  /**
   * What was done.
   *
   * @param models after each step, in ONNX Runtime's own operators; the dense one first
   * @param layers that were compressed
   * @param judge gives a model's scores of held-out labels, if there are any
   */
  record Done(
      Map<String, Model> models,
      ResolvedPlan plan,
      Found found,
      List<LayerReport> layers,
      CalibrationExamples examples,
      Optional<Function<Runner, Predictions>> judge) {}

  /** Returns the report, printed and written. */
  CompressionReport of(
      Done done,
      Function<List<StepReport>, Optional<TargetReport>> target,
      Optional<SpeedReport> speed)
      throws IOException {
    List<Map<String, TensorData>> judged = done.examples.judged();
    if (done.examples.heldOut().isEmpty()) {
      text.println("a single batch: the outputs' errors are of the examples calibrated on");
    }
    var left = new LinkedHashMap<>(done.plan.dense());
    done.found
        .leftAlone()
        .forEach(each -> left.put(each.node(), each.operator() + ": " + each.reason()));
    Optional<Qualities> quality;
    List<StepReport> steps;
    List<OrtRunner> runners = new ArrayList<>();
    try {
      done.models.values().forEach(model -> runners.add(OrtRunner.open(model, 1)));
      steps = steps(done.models, runners, judged);
      quality =
          done.judge.map(judge ->
              Qualities.of(judge.apply(runners.getFirst()), judge.apply(runners.getLast())));
    } finally {
      runners.forEach(OrtRunner::close);
    }
    Cpu cpu = Cpu.here();
    var report =
        new CompressionReport(
            source.getFileName().toString(),
            cpu.name() + " " + cpu.features(),
            done.plan.text(),
            done.layers,
            left,
            steps,
            quality.map(Qualities::json).orElse(Map.of()),
            target.apply(steps),
            speed);
    text.print(report.text());
    quality.ifPresent(each -> each.print(text));
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (html != null) {
      Files.writeString(html, CompressionPage.text(report));
    }
    text.flush();
    return report;
  }

  /**
   * What an evaluation says of the dense model, of the compressed one as any ONNX Runtime runs it,
   * and of how they differ.
   */
  private record Qualities(
      List<Quality> dense, List<Quality> compressed, List<Quality.Difference> differences) {
    private static Qualities of(Predictions before, Predictions after) {
      Bootstrap bootstrap = Bootstrap.standard();
      return new Qualities(
          Quality.of(before, bootstrap),
          Quality.of(after, bootstrap),
          Quality.differences(after, before, bootstrap));
    }

    private Map<String, ObjectNode> json() {
      var json = new LinkedHashMap<String, ObjectNode>();
      json.put("dense", QualityReports.json(dense));
      json.put("compressed", QualityReports.json(compressed));
      json.put("compressed - dense", QualityReports.differencesJson(differences));
      return json;
    }

    private void print(PrintWriter text) {
      QualityTable.print(text, "dense", dense);
      QualityTable.print(text, "compressed, as any ONNX Runtime runs it", compressed);
      QualityTable.printDifferences(text, "compressed", "dense", differences);
    }
  }

  private static List<StepReport> steps(
      Map<String, Model> models, List<OrtRunner> runners, List<Map<String, TensorData>> judged) {
    List<Time> times =
        new SideBySide(System::nanoTime).of(runners, CalibrationExamples.largest(judged));
    var steps = new ArrayList<StepReport>();
    models.forEach((name, model) -> {
      int i = steps.size();
      steps.add(
          new StepReport(
              name,
              OnnxWriter.bytes(model),
              times.get(i),
              i == 0 ? Map.of() : errors(runners.getFirst(), runners.get(i), judged)));
    });
    return List.copyOf(steps);
  }

  private static Map<String, Double> errors(
      Runner before, Runner after, List<Map<String, TensorData>> examples) {
    var errors = new LinkedHashMap<String, Double>();
    OutputError.of(before, after, examples)
        .forEach((output, error) -> errors.put(output, error.relative()));
    return errors;
  }
}
