package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Gathers the statistics of layers' inputs by running the model with those inputs as outputs. */
public final class Calibrator {
  private final Map<String, LayerStatistics> byInput;

  private Calibrator(Map<String, LayerStatistics> byInput) {
    this.byInput = byInput;
  }

  /**
   * Returns the statistics over all real rows of the batches; padding is left out. Costs in^2
   * multiply-adds per row and distinct input, and in^2 doubles of memory per distinct input.
   *
   * @param layers of the model's graph
   * @param runners opens the model
   */
  public static Calibrator run(
      Model model, List<LinearLayer> layers, Iterable<Batch> batches, Runner.Factory runners) {
    Map<String, Watch> watches = new LinkedHashMap<>();
    for (LinearLayer layer : layers) {
      for (Tap tap : layer.taps()) {
        watches.computeIfAbsent(
            tap.input(),
            _ -> new Watch(tap.isCandidateSide(), new LayerStatistics.Accumulator(layer.in())));
      }
    }
    var values = new LinkedHashMap<String, DType>();
    layers.forEach(layer -> layer.taps().forEach(tap -> values.put(tap.input(), layer.dtype())));
    try (Runner runner = runners.open(TappedModel.of(model, values))) {
      for (Batch batch : batches) {
        var rows = new ValidRows(batch);
        Map<String, TensorData> seen = new HashMap<>(batch.inputs());
        seen.putAll(runner.run(batch.inputs()));
        watches.forEach((input, watch) -> watch.add(input, seen.get(input), rows));
      }
    }
    var statistics = new HashMap<String, LayerStatistics>();
    watches.forEach((input, watch) -> statistics.put(input, watch.sum.statistics()));
    return new Calibrator(statistics);
  }

  /** Returns the statistics of all that a layer multiplies, over all its taps. */
  public LayerStatistics of(LinearLayer layer) {
    return layer.taps().stream()
        .map(this::of)
        .reduce(LayerStatistics::merge)
        .orElseThrow(() -> new IllegalArgumentException(layer.weight() + " is used nowhere"));
  }

  /** Returns the statistics of what one node multiplies. */
  public LayerStatistics of(Tap tap) {
    LayerStatistics statistics = byInput.get(tap.input());
    if (statistics == null || statistics.rows() == 0) {
      throw new IllegalArgumentException(
          "no calibration rows reached \"%s\" of node \"%s\"; calibrate on requests with histories"
              .formatted(tap.input(), tap.node()));
    }
    return statistics;
  }

  private record Watch(boolean isCandidateSide, LayerStatistics.Accumulator sum) {
    void add(String input, @Nullable TensorData value, ValidRows valid) {
      if (!(value instanceof NumericTensor numbers)) {
        throw new IllegalStateException("the runner gave no numbers for \"" + input + "\"");
      }
      float[] elements = numbers.toFloats();
      int in = (int) value.shape().dim(-1);
      int rows = elements.length / in;
      IntPredicate isReal = valid.of(rows, isCandidateSide);
      for (int row = 0; row < rows; row++) {
        if (isReal.test(row)) {
          sum.add(elements, row * in);
        }
      }
    }
  }
}
