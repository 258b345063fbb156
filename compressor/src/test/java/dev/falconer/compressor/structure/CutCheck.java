package dev.falconer.compressor.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Compares cut graphs with whole ones whose consumers' weights are 0 at what was cut. */
final class CutCheck {
  static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  /** Of the largest output; float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  private CutCheck() {}

  static RemovalSearch search(Model model, Map<String, TensorData> feed) {
    Found found = LinearLayers.find(model.graph(), Set.of());
    return new RemovalSearch(model, found, Shapes.of(model, RUNNERS, feed));
  }

  static LinearLayer layer(Model model, String weight) {
    return LinearLayers.find(model.graph(), Set.of()).layers().stream()
        .filter(layer -> layer.weight().equals(weight))
        .findFirst()
        .orElseThrow();
  }

  /** Returns two thirds of the groups. */
  static List<Integer> chosen(int count, long seed) {
    List<Integer> all = IntStream.range(0, count).boxed().collect(Collectors.toList());
    Collections.shuffle(all, new Random(seed));
    return all.subList(0, Math.max(1, count * 2 / 3)).stream().sorted().toList();
  }

  static void assertCutIsZeroed(
      Model model, Map<Removal, List<Integer>> kept, Map<String, TensorData> feed, String what) {
    Map<String, TensorData> zeroed = run(Trial.zeroed(model, kept), feed);
    Map<String, TensorData> cut = run(Cut.apply(model, kept), feed);
    zeroed.forEach((name, expected) -> {
      if (expected instanceof NumericTensor numbers && numbers.dtype().isFloat()) {
        assertSame(
            numbers.toFloats(), ((NumericTensor) cut.get(name)).toFloats(), what + ", " + name);
      }
    });
  }

  private static Map<String, TensorData> run(Model model, Map<String, TensorData> feed) {
    try (Runner runner = RUNNERS.open(model)) {
      return runner.run(feed);
    }
  }

  private static void assertSame(float[] expected, float[] actual, String what) {
    assertEquals(expected.length, actual.length, what);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    assertTrue(largest > 0 && difference <= ROUNDING * largest, what + ": " + difference);
  }
}
