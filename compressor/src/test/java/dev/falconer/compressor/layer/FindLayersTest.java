package dev.falconer.compressor.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.solver.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FindLayersTest {
  private static final TensorData W = LinearModels.gaussian(new Random(1), 4, 4);

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.fixture.LinearModels#all")
  void everyFormIsFoundAndItsOwnWeightWrittenBackChangesNothing(Case each) {
    Found found = LinearLayers.find(each.graph(), Set.of());

    assertEquals(List.of(), found.leftAlone());
    assertEquals(1, found.layers().size());
    LinearLayer layer = found.layers().getFirst();
    assertEquals("w", layer.weight());
    Graph written = LinearLayer.written(each.graph(), Map.of(layer, layer.read(each.graph())));
    assertEquals(Constants.of(each.graph()), Constants.of(written));
    assertArrayEquals(run(each, each.graph()), run(each, written));

    // Another weight does reach the output.
    Graph zero =
        LinearLayer.written(
            each.graph(),
            Map.of(
                layer, Matrix.of(layer.out(), layer.in(), new double[layer.out() * layer.in()])));
    boolean hasMoved = false;
    float[] before = run(each, each.graph());
    float[] after = run(each, zero);
    for (int i = 0; i < before.length; i++) {
      hasMoved |= before[i] != after[i];
    }
    assertTrue(hasMoved);
  }

  @Test
  void aWeightOfAnotherTypeIsRoundedAndItsRangeChecked() {
    Case half =
        LinearModels.products().stream()
            .filter(each -> each.name().endsWith("FLOAT16"))
            .findFirst()
            .orElseThrow();
    LinearLayer layer = LinearLayers.find(half.graph(), Set.of()).layers().getFirst();
    assertEquals(DType.FLOAT32, layer.dtype());
    var values = new double[layer.out() * layer.in()];
    values[0] = 1 + 0x1p-11;
    values[1] = 1 + 3 * 0x1p-11;
    Graph written =
        LinearLayer.written(
            half.graph(), Map.of(layer, Matrix.of(layer.out(), layer.in(), values)));
    assertEquals(1, layer.read(written).at(0, 0), "ties go to even");
    assertEquals(1 + 0x1p-9, layer.read(written).at(0, 1));

    values[0] = 70_000;
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                LinearLayer.written(
                    half.graph(), Map.of(layer, Matrix.of(layer.out(), layer.in(), values))));
    assertTrue(String.valueOf(error.getMessage()).contains("\"w\": 70000.0 is outside"));
  }

  @Test
  void groupsOfAConvolutionAreChannelsAtOnePosition() {
    Graph graph = LinearModels.convolutions().getFirst().graph();
    LinearLayer layer = LinearLayers.find(graph, Set.of()).layers().getFirst();

    assertEquals(List.of(3, 2), layer.kernel());
    assertEquals(6, layer.positions());
    // Three channels: 0, 6 and 12 are the first position's.
    assertArrayEquals(
        new int[] {0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 16, 5, 11, 17},
        layer.groupOrder());
  }

  @Test
  void layersComeInTheOrderOfTheirFirstUse() {
    Graph graph =
        graph(
            Map.of("a", W, "b", W, "c", W),
            matmul("second", "x", "b", "p"),
            matmul("first", "p", "a", "q"),
            matmul("again", "q", "b", "y"));

    List<LinearLayer> layers = LinearLayers.find(graph, Set.of("x")).layers();

    assertEquals(List.of("b", "a"), layers.stream().map(LinearLayer::weight).toList());
    assertEquals(
        List.of("second", "again"),
        layers.getFirst().taps().stream().map(LinearLayer.Tap::node).toList());
    assertTrue(layers.getLast().taps().getFirst().isCandidateSide());
  }

  @ParameterizedTest
  @CsvSource({
    "QLinearMatMul, ''",
    "QLinearConv, ''",
    "MatMulInteger, ''",
    "ConvInteger, ''",
    "MatMulNBits, com.microsoft",
    "QGemm, com.microsoft",
    "QAttention, com.microsoft",
    "DynamicQuantizeMatMul, com.microsoft",
    "MatMulIntegerToFloat, com.microsoft"
  })
  void quantisedFormsAreLeftAloneByName(String type, String domain) {
    Node node = new Node("n", domain, type, List.of("x", "w"), List.of("y"), Map.of(), Map.of());

    Found found = LinearLayers.find(graph(Map.of("w", W), node), Set.of());

    assertEquals(List.of(), found.layers());
    String operator = domain.isEmpty() ? type : domain + "." + type;
    assertEquals(
        List.of(new LeftAlone("n", operator, "its weight is quantised already")),
        found.leftAlone());
  }

  @Test
  void aWeightThatIsDequantisedIsLeftAlone() {
    Node dequantise =
        Node.of("d", "DequantizeLinear", List.of("w", "s"), List.of("real"), Map.of());
    assertReason(
        "its weight is quantised already, by DequantizeLinear",
        Map.of("w", NumericTensor.allocate(DType.INT8, Shape.of(4, 4)), "s", TensorData.scalar(1f)),
        dequantise,
        matmul("n", "x", "real", "y"));
  }

  @Test
  void whatElseReadsAWeightIsNamed() {
    assertReason(
        "its weight \"w\" is also read by \"g\" (Gather)",
        Map.of("w", W),
        Node.of("g", "Gather", List.of("w", "i"), List.of("z"), Map.of()),
        Node.of("t", "Transpose", List.of("w"), List.of("v"), Map.of("perm", Attribute.ints(1, 0))),
        matmul("n", "x", "v", "y"));
    assertReason(
        "its weight \"w\" is also read by \"n\" (Gemm)",
        Map.of("w", W),
        Node.of("n", "Gemm", List.of("x", "w", "w"), List.of("y"), Map.of()));
    assertReason(
        "its weight \"y\" is also an output or read by a body",
        Map.of("w", W),
        Node.of("t", "Identity", List.of("w"), List.of("y"), Map.of()),
        matmul("n", "x", "y", "z"));
  }

  @Test
  void otherWaysToMultiplyAreLeftAloneWithAReason() {
    TensorData cube = LinearModels.gaussian(new Random(2), 2, 4, 4);
    assertReason("its weight has 3 axes", Map.of("w", cube), matmul("n", "x", "w", "y"));
    assertReason("its constant is on the left", Map.of("w", W), matmul("n", "w", "x", "y"));
    assertReason(
        "its weight is of type INT64",
        Map.of("w", TensorData.longs(Shape.of(1, 1), 2)),
        matmul("n", "i", "w", "y"));
    assertReason(
        "its weight is computed by Relu from constants",
        Map.of("w", W),
        Node.of("r", "Relu", List.of("w"), List.of("v"), Map.of()),
        matmul("n", "x", "v", "y"));
    assertReason(
        "it convolves in 2 groups",
        Map.of("w", LinearModels.gaussian(new Random(2), 4, 2, 3, 3)),
        Node.of("n", "Conv", List.of("x", "w"), List.of("y"), Map.of("group", Attribute.of(2))));
    assertReason(
        "weights of LSTM are no single matrix",
        Map.of("w", cube, "r", cube),
        Node.of("n", "LSTM", List.of("x", "w", "r"), List.of("y"), Map.of()));
    // Recurrent nodes often leave out their first output.
    assertReason(
        "weights of GRU are no single matrix",
        Map.of("w", cube, "r", cube),
        Node.of("n", "GRU", List.of("x", "w", "r"), List.of("", "y"), Map.of()));
    assertReason(
        "its weight is cast to the type of number 6",
        Map.of("w", W),
        Node.of("c", "Cast", List.of("w"), List.of("v"), Map.of("to", Attribute.of(6))),
        matmul("n", "i", "v", "y"));
    assertReason(
        "its alpha is 0.0",
        Map.of("w", W),
        Node.of(
            "n",
            "Gemm",
            List.of("x", "w"),
            List.of("y"),
            Map.of("alpha", new Attribute.FloatAttr(0))));
  }

  @Test
  void twoUsesThatDisagreeAreBothLeftAlone() {
    Node flipped =
        Node.of("b", "Gemm", List.of("p", "w"), List.of("y"), Map.of("transB", Attribute.of(1)));

    Found found =
        LinearLayers.find(graph(Map.of("w", W), matmul("a", "x", "w", "p"), flipped), Set.of());

    assertEquals(List.of(), found.layers());
    assertEquals(List.of("a", "b"), found.leftAlone().stream().map(LeftAlone::node).toList());
    assertEquals("\"w\" multiplies in two ways: see \"a\"", found.leftAlone().getLast().reason());
  }

  @Test
  void productsOfTwoComputedValuesAreNoLayers() {
    Found found = LinearLayers.find(graph(Map.of(), matmul("n", "x", "x", "y")), Set.of());

    assertEquals(new Found(List.of(), List.of()), found);
  }

  @Test
  void mapsInsideBodiesAreLeftAlone() {
    var body =
        new Graph(
            "b",
            List.of(),
            List.of(new ValueInfo("inner", DType.FLOAT32, null)),
            Map.of(),
            List.of(matmul("scores", "x", "x", "s"), matmul("inside", "s", "w", "inner")));
    Node branch =
        Node.of(
            "if",
            "If",
            List.of("i"),
            List.of("y"),
            Map.of("then_branch", new Attribute.GraphAttr(body)));

    Found found =
        LinearLayers.find(graph(Map.of("w", W), matmul("n", "x", "w", "z"), branch), Set.of());

    assertEquals(List.of(), found.layers());
    assertEquals(
        List.of(
            new LeftAlone("n", "MatMul", "its weight \"w\" is also an output or read by a body"),
            new LeftAlone("inside", "MatMul", "it lies in a body of \"if\"")),
        found.leftAlone());
  }

  private static void assertReason(
      String reason, Map<String, TensorData> constants, Node... nodes) {
    Found found = LinearLayers.find(graph(constants, nodes), Set.of());
    assertEquals(List.of(), found.layers(), reason);
    assertEquals(List.of(reason), found.leftAlone().stream().map(LeftAlone::reason).toList());
    assertEquals("n", found.leftAlone().getFirst().node());
  }

  private static float[] run(Case each, Graph graph) {
    try (Runner runner = OrtRunner.factory(1).open(each.model().withGraph(graph))) {
      return ((NumericTensor) runner.run(each.feeds()).get("y")).toFloats();
    }
  }

  private static Node matmul(String name, String left, String right, String output) {
    return Node.of(name, "MatMul", List.of(left, right), List.of(output), Map.of());
  }

  private static Graph graph(Map<String, TensorData> constants, Node... nodes) {
    return new Graph(
        "g",
        List.of(new ValueInfo("x", DType.FLOAT32, null), new ValueInfo("i", DType.INT64, null)),
        List.of(new ValueInfo("y", DType.FLOAT32, null)),
        new HashMap<>(constants),
        List.of(nodes));
  }
}
