package dev.falconer.compressor.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.TinyFeed;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.zoo.Fusion;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LinearLayersTest {
  private static final TensorData WEIGHT = TensorData.floats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

  @Test
  void oneWeightOnBothSidesIsOneLayerOfTwoTaps() {
    Model model = TinyFeed.ranker(TinyFeed.examples(), Fusion.APPEND);

    List<LinearLayer> layers = LinearLayers.of(model);

    assertEquals(List.of(false, true), sides(layers, "layer0.ffn.in.weight"));
    assertEquals(List.of(false), sides(layers, "layer1.attention.key.weight"));
    assertEquals(List.of(true), sides(layers, "layer1.ffn.in.weight"));
    assertEquals(List.of(true), sides(layers, "head.out.weight"));
    assertTrue(layers.stream().noneMatch(layer -> layer.weight().contains("embedding")));
  }

  @Test
  void readsAndWritesWeightsAsOutByInWhateverTheirOrder() {
    for (boolean transposed : List.of(false, true)) {
      Node gemm =
          Node.of(
              "n",
              "Gemm",
              List.of("x", "w"),
              List.of("y"),
              Map.of("transB", Attribute.of(transposed ? 1L : 0L)));
      Graph graph = graph(Map.of("w", WEIGHT), gemm);

      LinearLayer layer = LinearLayers.of(graph, Set.of("x")).getFirst();

      assertEquals(transposed ? 2 : 3, layer.out());
      assertEquals(List.of(new Tap("n", "x", true)), layer.taps());
      Matrix stored = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);
      assertEquals(transposed ? stored : stored.transposed(), layer.read(graph));
      Graph written = LinearLayer.written(graph, Map.of(layer, layer.read(graph)));
      assertEquals(WEIGHT, written.initializers().get("w"));
    }
  }

  @Test
  void leavesAWeightOutThatIsReadForSomethingElseToo() {
    Graph tied =
        graph(
            Map.of("w", WEIGHT),
            Node.of("n", "MatMul", List.of("x", "w"), List.of("y"), Map.of()),
            Node.of("g", "Gather", List.of("w", "i"), List.of("z"), Map.of()));

    assertTrue(LinearLayers.of(tied, Set.of("x")).isEmpty());
  }

  @Test
  void aCandidatesShapeAloneMakesNoCandidateSide() {
    Graph graph =
        graph(
            Map.of("w", WEIGHT),
            Node.of("s", "Shape", List.of("x"), List.of("shape"), Map.of()),
            Node.of("e", "Expand", List.of("i", "shape"), List.of("rows"), Map.of()),
            Node.of("n", "MatMul", List.of("rows", "w"), List.of("y"), Map.of()));

    assertFalse(LinearLayers.of(graph, Set.of("x")).getFirst().taps().getFirst().isCandidateSide());
  }

  @Test
  void refusesAMatrixOfAnotherShapeAndAModelWithoutRoles() {
    Graph graph =
        graph(
            Map.of("w", WEIGHT), Node.of("n", "MatMul", List.of("x", "w"), List.of("y"), Map.of()));
    LinearLayer layer = LinearLayers.of(graph, Set.of("x")).getFirst();

    assertThrows(
        IllegalArgumentException.class,
        () -> LinearLayer.written(graph, Map.of(layer, Matrix.of(2, 3, 1, 2, 3, 4, 5, 6))));
    assertThrows(
        IllegalArgumentException.class,
        () -> LinearLayers.of(new Model(graph, Model.IR_VERSION, Map.of("", 20L), Map.of())));
  }

  private static List<Boolean> sides(List<LinearLayer> layers, String weight) {
    return layers.stream()
        .filter(layer -> layer.weight().equals(weight))
        .flatMap(layer -> layer.taps().stream())
        .map(Tap::isCandidateSide)
        .toList();
  }

  private static Graph graph(Map<String, TensorData> constants, Node... nodes) {
    return new Graph(
        "g",
        List.of(new ValueInfo("x", DType.FLOAT32, null), new ValueInfo("i", DType.INT64, null)),
        List.of(new ValueInfo("y", DType.FLOAT32, null)),
        constants,
        List.of(nodes));
  }
}
