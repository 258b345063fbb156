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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RemovalTest {
  /** Of the largest output; float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.structure.Forms#all")
  void theCutGraphGivesWhatTheWholeGivesWithoutTheInputs(Forms.Form form) {
    Removal removal = removal(form.model(), form.feed(2, 1));
    assertEquals(form.groups(), removal.groups());
    assertEquals(form.noun(), removal.noun());
    for (int seed = 0; seed < 3; seed++) {
      List<Integer> kept = chosen(form.groups().count(), seed);

      Model cut = Cut.apply(form.model(), Map.of(removal, kept));

      Model zeroed = Trial.zeroed(form.model(), Map.of(removal, kept));
      for (int batch : new int[] {1, 3}) {
        Map<String, TensorData> feed = form.feed(batch, seed);
        assertSame(run(zeroed, feed), run(cut, feed), form + ", kept " + kept + ", seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.structure.Forms#all")
  void weightsOfTheLayerAndOfItsProducersGetSmaller(Forms.Form form) {
    Removal removal = removal(form.model(), form.feed(2, 1));
    int count = form.groups().count();
    List<Integer> kept = chosen(count, 0);

    Model cut = Cut.apply(form.model(), Map.of(removal, kept));

    Map<String, LinearLayer> left =
        LinearLayers.find(cut.graph(), Set.of()).layers().stream()
            .collect(Collectors.toMap(LinearLayer::weight, layer -> layer));
    assertEquals(
        removal.consumer().in() / count * kept.size(), left.get("consumer").in(), form.name());
    removal
        .producers()
        .keySet()
        .forEach(producer ->
            assertEquals(
                producer.out() / count * kept.size(),
                left.get(producer.weight()).out(),
                form + ": " + producer.weight()));
    assertTrue(cut.graph().parameters() < form.model().graph().parameters());
  }

  @Test
  void twoRemovalsInARowAreCutTogether() {
    var draft = new Forms.Draft(Forms.SEED);
    draft.graph.input("x", dev.falconer.compressor.onnx.DType.FLOAT32, "batch", 8);
    String h = draft.graph.add("Relu", draft.linear("one", "x", 8, 12));
    h = draft.graph.add("Relu", draft.linear("two", h, 12, 10));
    Model model = Forms.model(draft, draft.linear("consumer", h, 10, 3), 20);
    Map<String, TensorData> feed =
        Map.of("x", dev.falconer.compressor.fixture.LinearModels.gaussian(new Random(4), 6, 8));
    var search = search(model, feed);
    Map<Removal, List<Integer>> kept =
        Map.of(
            search.of(layer(model, "two")), List.of(0, 3, 7),
            search.of(layer(model, "consumer")), List.of(2, 4, 5, 9));

    Model cut = Cut.apply(model, kept);

    assertSame(run(Trial.zeroed(model, kept), feed), run(cut, feed), "two of three layers");
    assertEquals(List.of(3, 4), List.of(layer(cut, "two").in(), layer(cut, "two").out()));
  }

  private static RemovalSearch search(Model model, Map<String, TensorData> feed) {
    Found found = LinearLayers.find(model.graph(), Set.of());
    return new RemovalSearch(model, found, Shapes.of(model, RUNNERS, feed));
  }

  private static Removal removal(Model model, Map<String, TensorData> feed) {
    return search(model, feed).of(layer(model, "consumer"));
  }

  private static LinearLayer layer(Model model, String weight) {
    return LinearLayers.find(model.graph(), Set.of()).layers().stream()
        .filter(layer -> layer.weight().equals(weight))
        .findFirst()
        .orElseThrow();
  }

  private static List<Integer> chosen(int count, long seed) {
    List<Integer> all = IntStream.range(0, count).boxed().collect(Collectors.toList());
    Collections.shuffle(all, new Random(seed));
    return all.subList(0, Math.max(1, count * 2 / 3)).stream().sorted().toList();
  }

  private static float[] run(Model model, Map<String, TensorData> feed) {
    try (Runner runner = RUNNERS.open(model)) {
      return ((NumericTensor) runner.run(feed).values().iterator().next()).toFloats();
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
