package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.Predictions;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.pack.Int8Weights;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.PlanFile;
import dev.falconer.compressor.pipeline.SpeedSearch;
import dev.falconer.compressor.report.CompressionReport;
import dev.falconer.compressor.report.SpeedReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Compresses to a speed, writes the model and reports.
 *
 * @param out file of the result: its weights are floats, of which its metadata tell which are
 *     levels of int8
 * @param options of speed and quality
 * @param threads that solve
 * @param machine its memory
 */
record CompressToSpeed(
    Path out,
    SpeedOptions options,
    int threads,
    MachineMemory machine,
    PrintWriter text,
    PrintWriter err) {
  /** Exit status of a result that misses its target. */
  private static final int MISSED = 3;

  /**
   * Returns the exit status.
   *
   * @param judge gives a model's scores of held-out labels
   * @param tuning of what is not within the gate after one shot, if any
   */
  int run(
      Model dense,
      CompressionPlan plan,
      CalibrationExamples examples,
      Function<Runner, Predictions> judge,
      Optional<MaskedTuning> tuning,
      ReportCard card)
      throws IOException {
    SpeedCompression.Result result =
        new SpeedCompression(dense, plan, examples, judge, tuning, options, threads, machine)
            .run(text, err);
    Model model = recorded(result);
    if (result.isWritten()) {
      OnnxWriter.write(model, out);
    }
    var models = new LinkedHashMap<String, Model>();
    models.put("dense", dense);
    models.put("compressed", model);
    CompressionReport report =
        card.of(
            new ReportCard.Done(
                models,
                result.plan(),
                LinearLayers.find(dense.graph(), Set.of()),
                result.state().done(),
                examples,
                Optional.of(judge)),
            _ -> Optional.empty(),
            Optional.of(result.report()));
    if (result.isWritten()) {
      text.printf("wrote %s%n", out);
    }
    text.flush();
    return report.speed().map(SpeedReport::isMet).orElse(false) ? 0 : MISSED;
  }

  private static Model recorded(SpeedCompression.Result result) {
    Model model =
        new CompressionRecord(PlanFile.text(result.plan().plan()), result.state().done())
            .in(result.model());
    return Int8Weights.in(
        model,
        SpeedSearch.types(result.plan()).entrySet().stream()
            .filter(each -> each.getValue() == Precision.INT8)
            .map(Map.Entry::getKey)
            .toList());
  }
}
