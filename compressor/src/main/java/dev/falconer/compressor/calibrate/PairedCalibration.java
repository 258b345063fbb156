package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Streams examples through a dense network and the same network as far as it is compressed, and
 * gathers what some layers read in both.
 *
 * @param dense the network before
 * @param runners opens models
 */
public record PairedCalibration(Model dense, Runner.Factory runners) {
  /** Bytes of the sums of a layer of {@code in} inputs. */
  public static long bytes(int in) {
    return 3L * Double.BYTES * in * in;
  }

  /**
   * Returns the statistics of each layer over all its taps.
   *
   * @param current the network with some layers compressed; of the same names
   * @param layers none of which reads what another of them writes
   * @param examples inputs of the network
   * @throws IllegalArgumentException when no row reaches a layer, or a value is not finite
   */
  public Map<LinearLayer, PairedStatistics> run(
      Model current, List<LinearLayer> layers, List<Map<String, TensorData>> examples) {
    Map<String, Node> nodes = new HashMap<>();
    dense.graph().nodes().forEach(node -> nodes.put(node.name(), node));
    Map<String, Watch> watches = new LinkedHashMap<>();
    try {
      for (LinearLayer layer : layers) {
        for (Tap tap : layer.taps()) {
          watches.computeIfAbsent(
              key(layer, tap, nodes),
              _ ->
                  new Watch(
                      tap.input(),
                      layer.dtype(),
                      LayerRows.of(dense.graph(), layer, tap),
                      new PairedSums(tap.input(), layer.in())));
        }
      }
      gather(current, List.copyOf(watches.values()), examples);
      var statistics = new LinkedHashMap<LinearLayer, PairedStatistics>();
      for (LinearLayer layer : layers) {
        List<String> keys =
            layer.taps().stream().map(tap -> key(layer, tap, nodes)).distinct().toList();
        statistics.put(layer, statistics(layer, keys, watches));
      }
      return statistics;
    } finally {
      watches.values().forEach(watch -> watch.sums.close());
    }
  }

  /** A value that is watched, how a layer takes rows of it, and their products. */
  private record Watch(String input, DType dtype, LayerRows rows, PairedSums sums) {}

  /** Returns what taps that multiply the same rows have in common. */
  private static String key(LinearLayer layer, Tap tap, Map<String, Node> nodes) {
    Node node = nodes.get(tap.node());
    boolean isPlain = !layer.isConv() && node != null && node.intAttribute("transA", 0) == 0;
    return isPlain ? tap.input() : tap.input() + "@" + tap.node();
  }

  private static PairedStatistics statistics(
      LinearLayer layer, List<String> keys, Map<String, Watch> watches) {
    PairedStatistics all =
        keys.stream()
            .map(key -> java.util.Objects.requireNonNull(watches.get(key), key).sums.statistics())
            .reduce(PairedStatistics::merge)
            .orElseThrow();
    if (all.rows() == 0) {
      throw new IllegalArgumentException(
          "no calibration rows reached layer \"%s\"; give examples that use it"
              .formatted(layer.weight()));
    }
    if (!all.gram().isFinite() || !all.dense().isFinite()) {
      throw new IllegalArgumentException(
          "layer \"%s\" reads NaN or infinity on the calibration examples"
              .formatted(layer.weight()));
    }
    return all;
  }

  private void gather(Model current, List<Watch> watches, List<Map<String, TensorData>> examples) {
    var values = new LinkedHashMap<String, DType>();
    watches.forEach(watch -> values.put(watch.input, watch.dtype));
    boolean isUntouched = current.equals(dense);
    try (Runner ofDense = runners.open(TappedModel.of(dense, values));
        Runner ofCurrent = isUntouched ? ofDense : runners.open(TappedModel.of(current, values))) {
      for (Map<String, TensorData> example : examples) {
        Map<String, TensorData> before = values(ofDense, example);
        Map<String, TensorData> after = isUntouched ? before : values(ofCurrent, example);
        for (Watch watch : watches) {
          float[] own = rows(watch, before);
          watch.sums.add(isUntouched ? own : rows(watch, after), own);
        }
      }
    }
  }

  private static Map<String, TensorData> values(Runner runner, Map<String, TensorData> example) {
    var values = new LinkedHashMap<>(example);
    values.putAll(runner.run(example));
    return values;
  }

  private static float[] rows(Watch watch, Map<String, TensorData> values) {
    if (values.get(watch.input) instanceof NumericTensor numbers) {
      return watch.rows.of(numbers).toFloats();
    }
    throw new IllegalStateException("the runner gave no numbers for \"" + watch.input + "\"");
  }
}
