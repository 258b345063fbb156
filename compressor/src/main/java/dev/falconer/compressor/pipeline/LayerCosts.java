package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.layer.LayerAlone;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.PackOptions;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pack.Packing;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Measures by how much each choice of a layer changes the model's file or a call's time. Neither
 * depends on the numbers that a solver finds, so this comes before any solving.
 */
final class LayerCosts {
  private LayerCosts() {}

  /**
   * Returns by how many bytes the model's file grows with one layer written; of what several layers
   * share, such as the import of a domain, each has the whole.
   *
   * @return by layer and choice
   */
  static List<List<Long>> bytes(LayerChoices choices, IntConsumer done) {
    long dense = OnnxWriter.bytes(choices.model());
    var all = new ArrayList<List<Long>>();
    choices
        .layers()
        .forEach((layer, options) -> {
          all.add(
              options.stream()
                  .map(choice -> OnnxWriter.bytes(written(choices.model(), layer, choice)) - dense)
                  .toList());
          done.accept(all.size());
        });
    return all;
  }

  /**
   * Returns by how many nanoseconds a call of each layer alone, in ONNX Runtime on one thread,
   * takes longer than that of the dense layer. 0 where the difference is within its 95 % interval:
   * else noise would be chosen for.
   *
   * @param example inputs of the model; the layers get what they read of it
   * @return by layer and choice
   */
  static List<List<Long>> nanos(
      LayerChoices choices, Map<String, TensorData> example, LongSupplier clock, IntConsumer done) {
    var values = new HashMap<>(example);
    List<LinearLayer> layers = List.copyOf(choices.layers().keySet());
    try (OrtRunner runner = OrtRunner.open(LayerAlone.reading(choices.model(), layers), 1)) {
      values.putAll(runner.run(example));
    }
    var all = new ArrayList<List<Long>>();
    choices
        .layers()
        .forEach((layer, options) -> {
          all.add(
              nanos(LayerAlone.of(choices.model(), layer, values), layer, options, values, clock));
          done.accept(all.size());
        });
    return all;
  }

  /**
   * Returns by how many nanoseconds a call of each layer alone, as the served graph has it and
   * multiplied by a kernel, takes longer than that of the dense layer in ONNX Runtime; 0 as in
   * {@link #nanos}, and for layers that the served graph doesn't have. Weights that stand in have
   * the pattern's zeros. The dense choice is multiplied by a kernel, too.
   *
   * @return by layer and choice
   */
  static List<List<Long>> kernels(
      LayerChoices choices, ServedGraph served, LongSupplier clock, IntConsumer done) {
    Model graph = served.dense();
    Map<String, List<LinearLayer>> parts = served.parts(graph);
    List<LinearLayer> all = parts.values().stream().flatMap(List::stream).toList();
    var values = new HashMap<>(served.feeds());
    try (OrtRunner runner = OrtRunner.open(LayerAlone.reading(graph, all), 1)) {
      values.putAll(runner.run(served.feeds()));
    }
    var costs = new ArrayList<List<Long>>();
    choices
        .layers()
        .forEach((layer, options) -> {
          var sums = new long[options.size()];
          for (LinearLayer part : parts.getOrDefault(layer.weight(), List.of())) {
            List<Long> own =
                kernels(LayerAlone.of(graph, part, values), part, options, values, clock);
            for (int o = 0; o < sums.length; o++) {
              sums[o] += own.get(o);
            }
          }
          costs.add(Arrays.stream(sums).boxed().toList());
          done.accept(costs.size());
        });
    return costs;
  }

  private static List<Long> kernels(
      Model alone,
      LinearLayer layer,
      List<Choice> options,
      Map<String, TensorData> values,
      LongSupplier clock) {
    List<OrtRunner> runners = new ArrayList<>();
    try {
      runners.add(OrtRunner.open(alone, 1));
      options.forEach(choice -> runners.add(OrtRunner.open(kernel(alone, layer, choice), 1)));
      List<Time> times = new SideBySide(clock).againstFirst(runners, values);
      return times.stream().skip(1).map(time -> difference(times.getFirst(), time)).toList();
    } finally {
      runners.forEach(OrtRunner::close);
    }
  }

  private static Model kernel(Model alone, LinearLayer layer, Choice choice) {
    Map<LinearLayer, Treatment> own =
        choice.treatment().map(each -> Map.of(layer, each)).orElse(Map.of());
    Precision precision = choice.treatment().flatMap(Treatment::kernel).orElse(Precision.FLOAT32);
    PackOptions options = PackOptions.of(Map.of(layer.weight(), precision));
    return Packing.of(ServedGraph.standIn(alone, own), options).model();
  }

  private static List<Long> nanos(
      Model alone,
      LinearLayer layer,
      List<Choice> options,
      Map<String, TensorData> values,
      LongSupplier clock) {
    List<OrtRunner> runners = new ArrayList<>();
    try {
      runners.add(OrtRunner.open(alone, 1));
      options.forEach(choice -> runners.add(OrtRunner.open(written(alone, layer, choice), 1)));
      List<Time> times = new SideBySide(clock).againstFirst(runners, values);
      return times.stream().skip(1).map(time -> difference(times.getFirst(), time)).toList();
    } finally {
      runners.forEach(OrtRunner::close);
    }
  }

  private static long difference(Time dense, Time time) {
    boolean isNoise = time.low() <= 1 && time.high() >= 1;
    return isNoise ? 0 : Math.round(1e6 * (time.millis() - dense.millis()));
  }

  /** Returns the model with one layer of the size and the time that a choice gives it. */
  private static Model written(Model model, LinearLayer layer, Choice choice) {
    return choice
        .treatment()
        .map(treatment -> treatment.standIn(layer.read(model.graph()), layer.taps().size()))
        .map(parts -> PartsWriter.written(model, List.of(layer), Map.of(layer.weight(), parts)))
        .orElse(model);
  }
}
