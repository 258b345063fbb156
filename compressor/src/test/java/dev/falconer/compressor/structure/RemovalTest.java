package dev.falconer.compressor.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RemovalTest {
  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.structure.Forms#all")
  void theCutGraphGivesWhatTheWholeGivesWithoutTheInputs(Forms.Form form) {
    Removal removal = removal(form.model(), form.feed(2, 1));
    assertEquals(form.groups(), removal.groups());
    assertEquals(form.noun(), removal.noun());
    for (int seed = 0; seed < 3; seed++) {
      List<Integer> kept = CutCheck.chosen(form.groups().count(), seed);

      for (int batch : new int[] {1, 3}) {
        CutCheck.assertCutIsZeroed(
            form.model(),
            Map.of(removal, kept),
            form.feed(batch, seed),
            form + ", kept " + kept + ", batch " + batch + ", seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.structure.Forms#all")
  void weightsOfTheLayerAndOfItsProducersGetSmaller(Forms.Form form) {
    Removal removal = removal(form.model(), form.feed(2, 1));
    int count = form.groups().count();
    List<Integer> kept = CutCheck.chosen(count, 0);

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
    var search = CutCheck.search(model, feed);
    Map<Removal, List<Integer>> kept =
        Map.of(
            search.of(CutCheck.layer(model, "two")), List.of(0, 3, 7),
            search.of(CutCheck.layer(model, "consumer")), List.of(2, 4, 5, 9));

    CutCheck.assertCutIsZeroed(model, kept, feed, "two of three layers");

    LinearLayer two = CutCheck.layer(Cut.apply(model, kept), "two");
    assertEquals(List.of(3, 4), List.of(two.in(), two.out()));
  }

  private static Removal removal(Model model, Map<String, TensorData> feed) {
    return CutCheck.search(model, feed).of(CutCheck.layer(model, "consumer"));
  }
}
