package dev.falconer.compressor.text;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerwiseCompression;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.pipeline.PlanFile;
import dev.falconer.compressor.pipeline.ResolvedPlan;
import dev.falconer.compressor.pipeline.Treatment;
import dev.falconer.compressor.report.LayerReport;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compresses a decoder in several ways and judges each.
 *
 * @param calibration inputs
 * @param test windows [n, context + 1]
 */
record TrialBench(Model dense, List<Map<String, TensorData>> calibration, NumericTensor test) {
  /**
   * What a trial came to.
   *
   * @param errors of the layers on what the compressed layers before them give, by layer
   */
  record Result(Perplexity perplexity, Map<String, Double> errors) {}

  /** Returns the dense model's perplexity. */
  Perplexity perplexity() {
    return perplexity(dense);
  }

  /** Compresses and judges. */
  Result run(Trial trial) {
    String yaml = "layers: [{match: '*', " + trial.rule() + "}]";
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse(yaml, trial.toString(), trial.constants()),
            dense,
            LinearLayers.find(dense.graph(), Set.of()).layers());
    State state =
        new LayerwiseCompression(OrtRunner.factory(1), () -> 0, 1)
            .run(dense, State.of(dense), plan, calibration, _ -> {});
    var errors = new LinkedHashMap<String, Double>();
    for (LayerReport layer : state.done()) {
      errors.put(layer.layer(), layer.relativeError());
    }
    return new Result(
        perplexity(state.written(dense, plan, EnumSet.allOf(Treatment.Kind.class))), errors);
  }

  private Perplexity perplexity(Model model) {
    try (Runner runner = OrtRunner.open(model, 1)) {
      return Perplexity.of(runner, test);
    }
  }
}
