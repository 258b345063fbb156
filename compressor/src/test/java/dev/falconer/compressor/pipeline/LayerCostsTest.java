package dev.falconer.compressor.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerCostsTest {
  private static final String OPTIONS =
      "layers: [{match: '*', options: [{keep: dense}, {bits: 4, group: 0}, {activations: int8},"
          + " {pattern: '50%', rank: 1}]}]";

  /** Bytes that each layer counts for itself, such as names and an opset's import. */
  private static final int SHARED = 100;

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.fixture.RealModels#runnable")
  void bytesOfLayersSumToTheFilesWithinWhatTheyShare(String name) throws IOException {
    Model model = RealModels.read(name);
    LayerChoices choices = choices(model, OPTIONS);
    List<List<Long>> bytes = LayerCosts.bytes(choices, _ -> {});

    for (int option = 0; option < 4; option++) {
      long sum = OnnxWriter.bytes(model);
      Map<String, Parts> parts = new HashMap<>();
      int i = 0;
      for (Map.Entry<LinearLayer, List<Choice>> entry : choices.layers().entrySet()) {
        LinearLayer layer = entry.getKey();
        int picked = Math.min(option, entry.getValue().size() - 1);
        sum += bytes.get(i++).get(picked);
        entry
            .getValue()
            .get(picked)
            .treatment()
            .ifPresent(treatment ->
                parts.put(
                    layer.weight(),
                    treatment.standIn(layer.read(model.graph()), layer.taps().size())));
      }
      List<LinearLayer> layers = List.copyOf(choices.layers().keySet());
      long whole = OnnxWriter.bytes(PartsWriter.written(model, layers, parts));
      assertTrue(
          whole <= sum + 8 && sum <= whole + (long) SHARED * layers.size(),
          name + ", option " + option + ": " + sum + " for " + whole);
    }
  }

  @Test
  void layersThatTakeAsLongDifferByNothing() {
    Model model = DeepNetwork.model(1);
    LayerChoices choices =
        choices(model, "layers: [{match: 'w*', options: [{keep: dense}, {pattern: '2:4'}]}]");
    // A clock that moves by the same time at every look.
    long[] now = {0};

    List<List<Long>> nanos =
        LayerCosts.nanos(
            choices, Map.of("x", DeepNetwork.inputs(4, 1)), () -> now[0] += 1000, _ -> {});

    assertEquals(java.util.Collections.nCopies(DeepNetwork.LAYERS, List.of(0L, 0L)), nanos);
  }

  @Test
  void aLayerThatTakesLongerCostsTheDifference() {
    Model model = DeepNetwork.model(1);
    LayerChoices choices =
        choices(
            model,
            "layers: [{match: 'w0', options: [{keep: dense}, {pattern: '2:4'}, {pattern: '9%'}]}]");
    // Timed in turn, every other round backwards: the layer as it is, dense, 2:4, 9%.
    long[] now = {0};
    int[] look = {0};

    List<List<Long>> nanos =
        LayerCosts.nanos(
            choices,
            Map.of("x", DeepNetwork.inputs(4, 1)),
            () -> {
              int call = look[0]++ / 2;
              boolean isForward = call / 4 % 2 == 1;
              boolean isPruned = call % 4 >= 2 == isForward;
              return now[0] += isPruned ? 7000 : 1000;
            },
            _ -> {});

    assertEquals(List.of(List.of(0L, 6000L, 6000L)), nanos);
  }

  private static LayerChoices choices(Model model, String plan) {
    return LayerChoices.of(
        PlanFile.parse(plan, "test", Constants.OWN),
        model,
        LinearLayers.find(model.graph(), Set.of()).layers());
  }
}
