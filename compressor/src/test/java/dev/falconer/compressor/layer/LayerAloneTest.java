package dev.falconer.compressor.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerAloneTest {
  /** The runtime may fuse a layer alone otherwise than within its model. */
  private static final double ROUNDING = 1e-4;

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.fixture.LinearModels#all")
  void givesWhatItGivesWithin(LinearModels.Case one) {
    assertSame(one.model(), one.feeds());
  }

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.fixture.RealModels#runnable")
  void givesWhatItGivesWithinARealModel(String name) throws IOException {
    Model model = RealModels.read(name);
    assertSame(model, RealModels.feeds(model.graph()));
  }

  private static void assertSame(Model model, Map<String, TensorData> feeds) {
    List<LinearLayer> layers = LinearLayers.find(model.graph(), Set.of()).layers();
    assertFalse(layers.isEmpty());
    Map<String, TensorData> read = new HashMap<>(feeds);
    read.putAll(run(LayerAlone.reading(model, layers), feeds));
    for (LinearLayer layer : layers) {
      Model alone = LayerAlone.of(model, layer, read);

      Map<String, TensorData> got = run(alone, read);

      Map<String, TensorData> within = run(giving(model, alone.graph().outputs()), feeds);
      got.forEach((output, value) ->
          assertArrayEquals(
              ((NumericTensor) Objects.requireNonNull(within.get(output))).toDoubles(),
              ((NumericTensor) value).toDoubles(),
              ROUNDING,
              layer.weight()));
    }
  }

  /** Returns the model with other outputs beside its own. */
  private static Model giving(Model model, List<ValueInfo> others) {
    Graph graph = model.graph();
    var outputs = new ArrayList<>(graph.outputs());
    Set<String> own =
        graph.outputs().stream().map(ValueInfo::name).collect(java.util.stream.Collectors.toSet());
    others.stream().filter(output -> !own.contains(output.name())).forEach(outputs::add);
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes()));
  }

  private static Map<String, TensorData> run(Model model, Map<String, TensorData> feeds) {
    try (Runner runner = OrtRunner.open(model, 1)) {
      return runner.run(feeds);
    }
  }
}
