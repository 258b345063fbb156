package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.calibrate.PairedStatistics;
import dev.falconer.compressor.data.CalibrationExamples;
import dev.falconer.compressor.evaluate.OutputError;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import dev.falconer.compressor.pipeline.CompressionPlan.Targets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * Measures what the network's outputs lose when a single layer gets one of its choices, fitted to
 * the dense network: ||y - dense||^2 / ||dense||^2, the mean over the float outputs, on examples
 * that the layer was not fitted to. A layer's own error would not tell how much the network depends
 * on it, nor what it costs to round what the layer reads.
 *
 * @param choices of each layer
 * @param runners opens models
 */
record LayerErrors(LayerChoices choices, Runner.Factory runners) {
  /**
   * Returns the errors by layer and choice; 0 for a layer that stays dense.
   *
   * @param examples to fit to, the last of them to judge on
   * @param done hears of the number of treatments that are tried
   */
  List<List<Double>> of(CalibrationExamples examples, IntConsumer done) {
    Model dense = choices.model();
    var calibration = new PairedCalibration(dense, runners);
    Map<LinearLayer, List<Double>> errors = new HashMap<>();
    int tried = 0;
    try (Runner ofDense = new Remembering(runners.open(dense), new IdentityHashMap<>())) {
      for (List<LinearLayer> group : choices.groups()) {
        Map<LinearLayer, PairedStatistics> statistics =
            calibration.run(dense, group, examples.calibration());
        for (LinearLayer layer : group) {
          var own = new ArrayList<Double>();
          for (Choice choice : Objects.requireNonNull(choices.layers().get(layer))) {
            if (choice.treatment().isEmpty()) {
              own.add(0.0);
            } else {
              PairedStatistics seen = Objects.requireNonNull(statistics.get(layer));
              Model other = treated(layer, choice.treatment().get(), seen);
              try (Runner ofOther = runners.open(other)) {
                own.add(error(ofDense, ofOther, examples.judged()));
              }
              done.accept(++tried);
            }
          }
          errors.put(layer, own);
        }
      }
    }
    return choices.layers().entrySet().stream()
        .map(entry ->
            errors.getOrDefault(entry.getKey(), Collections.nCopies(entry.getValue().size(), 0.0)))
        .toList();
  }

  /** Returns the dense network with one layer's treatment. */
  private Model treated(LinearLayer layer, Treatment treatment, PairedStatistics seen) {
    Model dense = choices.model();
    try {
      Outcome outcome =
          LayerwiseCompression.solved(
              layer, layer.read(dense.graph()), seen, treatment, Targets.SYMMETRIC);
      Model merged =
          dense.withGraph(LinearLayer.written(dense.graph(), Map.of(layer, outcome.weight())));
      return PartsWriter.written(merged, List.of(layer), Map.of(layer.weight(), outcome.parts()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "layer \"%s\" [%d, %d], %s: %s"
              .formatted(layer.weight(), layer.out(), layer.in(), treatment, e.getMessage()),
          e);
    }
  }

  private static double error(Runner dense, Runner other, List<Map<String, TensorData>> examples) {
    return OutputError.of(dense, other, examples).values().stream()
        .mapToDouble(OutputError::relative)
        .average()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the model has no float output, by which options could be compared"));
  }

  /** A model whose outputs are computed once for each example. */
  private record Remembering(
      Runner runner, IdentityHashMap<Map<String, TensorData>, Map<String, TensorData>> outputs)
      implements Runner {
    @Override
    public Map<String, TensorData> run(Map<String, TensorData> feeds) {
      return outputs.computeIfAbsent(feeds, runner::run);
    }

    @Override
    public void close() {
      runner.close();
    }
  }
}
