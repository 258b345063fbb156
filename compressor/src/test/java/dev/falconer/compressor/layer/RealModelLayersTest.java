package dev.falconer.compressor.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models by others. The files lie in {@code onnx} of the measured data. */
class RealModelLayersTest {
  @Test
  void anImageModelsConvolutionsAndItsReshapedMatrix() throws IOException {
    Found found = found("mnist");

    assertEquals(
        List.of("Parameter5[8, 25]", "Parameter87[16, 200]", "Parameter193[10, 256]"),
        names(found));
    assertEquals(List.of(), found.leftAlone());
  }

  @Test
  void aSuperResolutionModelsConvolutionsAndColourTables() throws IOException {
    Found found = found("superres_op18");

    assertEquals(
        List.of(
            "_ppp3_kWeights[3, 3]",
            "conv1.weight[64, 25]",
            "conv2.weight[64, 576]",
            "conv3.weight[32, 576]",
            "conv4.weight[9, 288]",
            "_ppp12_kWeights[3, 3]"),
        names(found));
    assertEquals(List.of(), found.leftAlone());
  }

  @Test
  void rankersByOthers() throws IOException {
    assertEquals(
        List.of("W4[32, 64]", "W5[16, 32]", "W6[8, 16]", "W7[1, 16]"),
        names(found("SkardiLabs_ncf")));
    assertEquals(
        List.of(
            "fc1.weight[256, 768]",
            "fc2.weight[128, 256]",
            "fc3.weight[64, 128]",
            "fc4.weight[1, 64]"),
        names(found("vespa_custom_similarity")));
    Found pairs = found("vespa_pairwise_ranker");
    assertEquals(
        List.of("query_doc_transform.weight[16, 32]", "compare_transform.weight[1, 32]"),
        names(pairs));
    assertEquals(2, pairs.layers().getFirst().taps().size(), "both documents pass through it");
  }

  @Test
  void aTransformersProjectionsAndNotItsScores() throws IOException {
    Found found = found("vespa_transformer");

    assertEquals(
        List.of(
            "235[48, 16]",
            "238[16, 16]",
            "239[32, 16]",
            "240[16, 32]",
            "241[48, 16]",
            "244[16, 16]",
            "245[32, 16]",
            "246[16, 32]"),
        names(found));
    assertEquals(List.of(), found.leftAlone());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mnist",
        "superres_op18",
        "tract_keras_example",
        "SkardiLabs_ncf",
        "vespa_custom_similarity",
        "vespa_pairwise_ranker",
        "vespa_transformer"
      })
  void itsOwnWeightsWrittenBackChangeNothing(String name) throws IOException {
    Model model = RealModels.read(name);
    Graph graph = model.graph();
    Map<LinearLayer, Matrix> own = new HashMap<>();
    LinearLayers.find(graph, Set.of()).layers().forEach(layer -> own.put(layer, layer.read(graph)));

    Graph written = LinearLayer.written(graph, own);

    assertEquals(Constants.of(graph), Constants.of(written));
    if (model.opsets().containsKey("com.microsoft.extensions")) {
      return; // Reads image files by a library of operators that is not there.
    }
    Map<String, TensorData> feeds = RealModels.feeds(graph);
    assertArrayEquals(run(model, feeds), run(model.withGraph(written), feeds));
  }

  private static Found found(String name) throws IOException {
    Model model = RealModels.read(name);
    return LinearLayers.find(model.graph(), Set.of());
  }

  private static List<String> names(Found found) {
    return found.layers().stream()
        .map(layer -> "%s[%d, %d]".formatted(layer.weight(), layer.out(), layer.in()))
        .toList();
  }

  private static float[] run(Model model, Map<String, TensorData> feeds) {
    try (Runner runner = OrtRunner.factory(1).open(model)) {
      String output = model.graph().outputs().getFirst().name();
      return ((NumericTensor) runner.run(feeds).get(output)).toFloats();
    }
  }
}
