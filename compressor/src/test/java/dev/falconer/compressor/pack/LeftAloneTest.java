package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pack.LayerGraph.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What looks like a piece and is none, or would be computed twice. */
class LeftAloneTest {
  private static final long SEED = 5;

  @Test
  void aGraphWithNothingToPackComesBackAndSaysSo() {
    var graph = new GraphBuilder("nothing");
    String x = graph.input("x", DType.FLOAT32, "candidates", 3);
    graph.named("y", "Relu", Map.of(), x);
    graph.output("y", DType.FLOAT32, "candidates", 3);
    Model model = model(graph);

    Packed packed = Packing.of(model, PackOptions.FLOATS);

    assertSame(model, packed.model());
    assertTrue(packed.report().isEmpty());
    assertTrue(packed.report().toString().startsWith("nothing to pack"));
  }

  @Test
  void theSumInTheMiddleOfALayerThatIsAnOutputEndsTheBlock() {
    Model model = withOutput(LayerGraph.model(Spec.USUAL, SEED), "Add.3:0");

    PackReport report = checked(model);

    assertEquals(1, report.count("CandidateBlock"), report::toString);
    assertEquals(2, report.nodes().getFirst().weights().size(), report::toString);
    assertEquals(1, report.count("CandidateMlp"), report::toString);
  }

  @Test
  void aQueryThatIsAnOutputLeavesAttentionByItself() {
    Model model = withOutput(LayerGraph.model(Spec.USUAL, SEED), "Add:0");

    PackReport report = checked(model);

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(1, report.count("CandidateAttention"), report::toString);
    assertEquals(2, report.count("SparseMatMul"), report::toString);
    assertEquals(1, report.count("CandidateMlp"), report::toString);
  }

  @Test
  void sharesThatAreAnOutputLeaveNoAttention() {
    PackReport report = checked(withOutput(LayerGraph.model(Spec.USUAL, SEED), "Softmax:0"));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(0, report.count("CandidateAttention"), report::toString);
    assertTrue(report.toString().contains("attention of another form"), report::toString);
  }

  @Test
  void theShapeOfAValueInsideIsNoReasonToComputeItTwice() {
    Model model = LayerGraph.model(Spec.USUAL, SEED);
    List<Node> nodes = new ArrayList<>(model.graph().nodes());
    nodes.add(Node.of("measured", "Shape", List.of("Add:0"), List.of("length"), Map.of()));
    var outputs = new ArrayList<>(model.graph().outputs());
    outputs.add(new ValueInfo("length", DType.INT64, null));

    PackReport report = checked(withNodes(model, nodes, outputs));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
  }

  @Test
  void aValueThatABodyReadsStays() {
    Model model = LayerGraph.model(Spec.USUAL, SEED);
    Graph body =
        new Graph(
            "body",
            List.of(),
            List.of(new ValueInfo("inner", DType.FLOAT32, null)),
            Map.of(),
            List.of(Node.of("copy", "Identity", List.of("Add.3:0"), List.of("inner"), Map.of())));
    List<Node> nodes = new ArrayList<>(model.graph().nodes());
    Attribute branch = new Attribute.GraphAttr(body);
    nodes.add(
        Node.of(
            "if",
            "If",
            List.of("truth"),
            List.of("chosen"),
            Map.of("then_branch", branch, "else_branch", branch)));
    var outputs = new ArrayList<>(model.graph().outputs());
    outputs.add(new ValueInfo("chosen", DType.FLOAT32, null));
    Map<String, TensorData> constants = new HashMap<>(model.graph().initializers());
    constants.put("truth", TensorData.bools(Shape.of(), true));
    Graph graph = model.graph().withInitializers(constants);

    PackReport report = checked(withNodes(model.withGraph(graph), nodes, outputs));

    assertEquals(2, report.nodes().getFirst().weights().size(), report::toString);
    assertEquals(1, report.count("CandidateMlp"), report::toString);
  }

  @Test
  void keysOfEachRowAreNoSharedKeys() {
    // As many users as candidates: every row has keys of its own.
    Model model =
        replaced(
            LayerGraph.model(Spec.USUAL, SEED),
            info ->
                switch (info.name()) {
                  case "x" -> ValueInfo.of("x", DType.FLOAT32, "batch", 1, LayerGraph.WIDTH);
                  case "keys" -> ValueInfo.of("keys", DType.FLOAT32, "batch", 3, "history+1", 4);
                  case "values" ->
                      ValueInfo.of("values", DType.FLOAT32, "batch", 3, "history+1", 4);
                  default -> info;
                });
    Model rows = reshaped(model);

    PackReport report = checked(rows);

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(0, report.count("CandidateAttention"), report::toString);
  }

  @Test
  void masksOfRowsOrHeadsAreNoMasksOfTokens() {
    Spec added = Spec.USUAL.with(LayerGraph.Hiding.ADDED);
    for (Object[] dims :
        List.of(
            new Object[] {1, 1, "candidates", "history+1"}, new Object[] {1, 3, 1, "history+1"})) {
      Model model =
          replaced(
              LayerGraph.model(added, SEED),
              info ->
                  info.name().equals("mask") ? ValueInfo.of("mask", DType.FLOAT32, dims) : info);

      PackReport report = checked(model);

      assertEquals(0, report.count("CandidateBlock"), report::toString);
      assertEquals(0, report.count("CandidateAttention"), report::toString);
    }
  }

  @Test
  void almostGeluIsNotGelu() {
    var layer = new LayerGraph(Spec.USUAL, SEED);
    String x = layer.graph.input("x", DType.FLOAT32, "candidates", 12);
    String h = layer.linear("first", x, 12, 20);
    String erf = layer.graph.add("Erf", layer.graph.add("Div", h, layer.graph.scalar(1.41f)));
    String gate = layer.graph.plus(erf, layer.graph.scalar(1f));
    String act = layer.graph.times(layer.graph.times(h, gate), layer.graph.scalar(.5f));

    PackReport report = checked(layer.model(layer.linear("second", act, 20, 12)));

    assertEquals(0, report.count("CandidateMlp"), report::toString);
    assertEquals(2, report.count("SparseMatMul"), report::toString);
  }

  @Test
  void headsPutTogetherInAnotherOrderAreNoAttention() {
    Model model = LayerGraph.model(Spec.USUAL, SEED);
    List<Node> nodes =
        model.graph().nodes().stream()
            .map(node ->
                node.is("Transpose") && node.input(0).startsWith("MatMul.3")
                    ? node.withAttributes(Map.of("perm", Attribute.ints(0, 2, 3, 1)))
                    : node)
            .toList();

    PackReport report = checked(withNodes(model, nodes, model.graph().outputs()));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(0, report.count("CandidateAttention"), report::toString);
  }

  @Test
  void aSumWithAnotherValueThanTheLayersIsNoBlock() {
    var layer = new LayerGraph(Spec.USUAL, SEED);
    String x = layer.graph.input("x", DType.FLOAT32, 1, "candidates", 12);
    String z = layer.graph.input("z", DType.FLOAT32, 1, "candidates", 12);
    String out = layer.linear("out", layer.attended(x), 12, 12);

    PackReport report = checked(layer.model(layer.graph.plus(z, out)));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(1, report.count("CandidateAttention"), report::toString);
  }

  @Test
  void anOwnKeyOfOtherRowsThanTheQuerysIsNoBlock() {
    Model model = LayerGraph.model(Spec.USUAL.with(LayerGraph.Own.BY_SUM), SEED);
    List<Node> nodes =
        model.graph().nodes().stream()
            .map(node -> node.input(1).equals("key") ? node.withInputs(List.of("x", "key")) : node)
            .toList();

    PackReport report = checked(withNodes(model, nodes, model.graph().outputs()));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(1, report.count("CandidateAttention"), report::toString);
  }

  @Test
  void aQueryOfAnotherValueIsNoBlockWithNormsBehind() {
    Model model = LayerGraph.model(Spec.USUAL.with(LayerGraph.Norm.POST), SEED);
    List<Node> nodes = new ArrayList<>();
    nodes.add(Node.of("other", "Tanh", List.of("x"), List.of("z"), Map.of()));
    model.graph().nodes().stream()
        .map(node -> node.input(1).equals("query") ? node.withInputs(List.of("z", "query")) : node)
        .forEach(nodes::add);

    PackReport report = checked(withNodes(model, nodes, model.graph().outputs()));

    assertEquals(0, report.count("CandidateBlock"), report::toString);
    assertEquals(1, report.count("CandidateAttention"), report::toString);
  }

  @Test
  void productsOfOneRowOrOfFewOutputsAreLeft() {
    var layer = new LayerGraph(Spec.USUAL, SEED);
    String one = layer.graph.input("request", DType.FLOAT32, 1, 12);
    String x = layer.graph.input("x", DType.FLOAT32, "candidates", 12);
    String sum = layer.graph.plus(layer.linear("a", one, 12, 4), layer.linear("b", x, 12, 4));

    Packed packed = Packing.of(layer.model(sum), PackOptions.FLOATS);

    assertTrue(packed.report().isEmpty());
    assertEquals(
        List.of("it multiplies one row", "4 outputs, fewer than 8"),
        packed.report().leftAlone().stream().map(PackReport.Left::reason).toList());
  }

  @Test
  void aWeightThatIsNoNumberIsNamed() {
    for (PackOptions options : List.of(PackOptions.FLOATS, PackOptions.BYTES)) {
      var layer = new LayerGraph(Spec.USUAL, SEED);
      String x = layer.graph.input("x", DType.FLOAT32, "candidates", 2);
      var weight = new float[2 * 9];
      weight[3] = Float.NaN;
      String w = layer.graph.initializer("broken", TensorData.floats(Shape.of(2, 9), weight));
      Model model = layer.model(layer.graph.matmul(x, w));

      var refusal = assertThrows(IllegalArgumentException.class, () -> Packing.of(model, options));

      String message = String.valueOf(refusal.getMessage());
      assertTrue(message.contains("weight broken of [9, 2]"), message);
      assertTrue(message.contains("NaN"), message);
    }
  }

  @Test
  void dropoutThatDropsIsNotPassedThrough() {
    for (boolean isTraining : new boolean[] {true, false}) {
      var layer = new LayerGraph(Spec.USUAL, SEED);
      GraphBuilder graph = layer.graph;
      String x = graph.input("x", DType.FLOAT32, "candidates", 12);
      String training = graph.constant(TensorData.bools(Shape.of(), isTraining));
      String hidden =
          graph.add("Dropout", layer.linear("a", x, 12, 20), graph.scalar(.5f), training);
      Model model = layer.model(layer.linear("b", hidden, 20, 12));

      PackReport report = Packing.of(model, PackOptions.FLOATS).report();

      assertEquals(isTraining ? 0 : 1, report.count("CandidateMlp"), report::toString);
    }
  }

  private static PackReport checked(Model model) {
    Packed packed = Packing.of(model, PackOptions.FLOATS);
    double difference = PackCheck.difference(model, packed.model(), SEED, 3);
    assertTrue(
        difference <= PackCheck.ROUNDING, difference + ", seed " + SEED + "\n" + packed.report());
    return packed.report();
  }

  private static Model model(GraphBuilder graph) {
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static Model withOutput(Model model, String value) {
    var outputs = new ArrayList<>(model.graph().outputs());
    outputs.add(new ValueInfo(value, DType.FLOAT32, null));
    return withNodes(model, model.graph().nodes(), outputs);
  }

  private static Model withNodes(Model model, List<Node> nodes, List<ValueInfo> outputs) {
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes));
  }

  private static Model replaced(Model model, UnaryOperator<ValueInfo> change) {
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.inputs().stream().map(change).toList(),
            graph.outputs(),
            graph.initializers(),
            graph.nodes()));
  }

  /** Lets reshapes keep the first axis. */
  private static Model reshaped(Model model) {
    Map<String, TensorData> constants = new HashMap<>(model.graph().initializers());
    constants.replaceAll((_, value) ->
        value.equals(TensorData.vector(1, -1, 3, 4))
            ? TensorData.vector(-1, 1, 3, 4)
            : value.equals(TensorData.vector(1, -1, 12)) ? TensorData.vector(-1, 1, 12) : value);
    return model.withGraph(model.graph().withInitializers(constants));
  }
}
