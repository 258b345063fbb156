package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.SideBySide;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.layer.LayerAlone;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import java.util.ArrayList;
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
