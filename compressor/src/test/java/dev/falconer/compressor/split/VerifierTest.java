package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtProcess;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void namesTheFirstTensorThatTheCandidateGraphGetsWrong() {
    Model whole = ZooModels.causal();
    SplitModel split = split(whole);

    SplitRefusal refusal =
        refusal(with(split, split.user(), shifted(split.candidate(), "head.mlp0.bias", 1)), whole);

    assertTrue(
        refusal.reason().contains("the first tensor that differs is \"head.Add"), refusal.reason());
    assertTrue(refusal.reason().endsWith("of the candidate graph"), refusal.reason());
  }

  @Test
  void namesTheFirstTensorThatTheUserGraphGetsWrong() {
    Model whole = ZooModels.causal();
    SplitModel split = split(whole);

    SplitRefusal refusal =
        refusal(
            with(
                split,
                shifted(split.user(), "layer0.attention.value.weight", 0.5f),
                split.candidate()),
            whole);

    assertTrue(
        refusal.reason().contains("the first tensor that differs is \"layer0.history.MatMul"),
        refusal.reason());
    assertTrue(refusal.reason().endsWith("of the user graph"), refusal.reason());
  }

  @Test
  void notANumberIsADifference() {
    Model whole = ZooModels.causal();
    SplitModel split = split(whole);

    SplitRefusal refusal =
        refusal(
            with(split, split.user(), shifted(split.candidate(), "head.mlp0.bias", Float.NaN)),
            whole);

    assertTrue(refusal.reason().contains("NaN in place of"), refusal.reason());
  }

  @Test
  void anotherShapeIsADifference() {
    Model whole = scored(0);
    SplitModel split = split(whole);
    Graph graph = split.candidate().graph();
    var nodes = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      nodes.add(
          node.output().equals("score")
              ? Node.of(node.name(), node.type(), node.inputs(), List.of("flat"), Map.of())
              : node);
    }
    nodes.add(Node.of("wrong", "Transpose", List.of("flat"), List.of("score"), Map.of()));

    SplitRefusal refusal =
        refusal(
            with(split, split.user(), split.candidate().withGraph(graph.withNodes(nodes))), whole);

    assertTrue(refusal.reason().contains("has shape [1, 2] for 2 candidates"), refusal.reason());
  }

  /** sigmoid(30) and sigmoid(31) are one float: only what stands before them differs. */
  @Test
  void comparesWhatStandsBeforeASaturatedScore() {
    Model whole = scored(30);
    SplitModel split = split(whole);

    SplitRefusal refusal =
        refusal(with(split, split.user(), shifted(split.candidate(), "offset", 1)), whole);

    assertTrue(refusal.reason().startsWith("output \"z\""), refusal.reason());
  }

  /** The mean takes the padding in, so that a length given as --length does not cut it. */
  @Test
  void aHistoryThatIsNotMaskedIsNoPaddedHistory() {
    var graph = new GraphBuilder("unmasked");
    String history = graph.input("history", DType.FLOAT32, "B", "n", 4);
    String length = graph.input("length", DType.INT64, "B");
    String candidate = graph.input("candidate", DType.FLOAT32, "B", 4);
    String mean =
        graph.add("ReduceMean", Map.of("keepdims", Attribute.of(0)), history, graph.vector(1));
    String none = graph.times(graph.scalar(0f), floats(graph, length));
    String user =
        graph.plus(graph.add("Tanh", graph.matmul(mean, square(graph))), graph.unsqueeze(none, 1));
    graph.named("score", "ReduceSum", Map.of(), graph.times(user, candidate), graph.vector(1));
    graph.output("score", DType.FLOAT32, "B", 1);
    var roles =
        new Roles(Map.of("history", Role.USER, "length", Role.LENGTH, "candidate", Role.CANDIDATE));

    var refusal =
        assertThrows(
            SplitRefusal.class,
            () -> new Splitter(RUNNERS).split(model(graph), roles, Splitter.Options.DEFAULT));

    assertEquals(SplitRefusal.Code.VERIFY_FAILED, refusal.code(), refusal.getMessage());
    assertTrue(refusal.reason().contains("padded by"), refusal.reason());
  }

  private static String floats(GraphBuilder graph, String value) {
    return graph.add("Cast", Map.of("to", Attribute.of(DType.FLOAT32.onnx())), value);
  }

  private static String square(GraphBuilder graph) {
    return graph.initializer(
        "square",
        TensorData.floats(Shape.of(4, 4), 1, 2, 3, 4, 4, 3, 2, 1, 1, 0, 1, 0, 2, 0, 0, 2));
  }

  @Test
  void rolesThatChangeNoScoreAreQuestioned() {
    var graph = new GraphBuilder("ignores the user");
    String user = graph.input("user", DType.FLOAT32, "B", 4);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", 4);
    String nothing = graph.times(graph.add("Tanh", user), graph.scalar(0f));
    graph.named("score", "Add", Map.of(), nothing, candidate);
    graph.output("score", DType.FLOAT32, "B", 4);

    var refusal = assertThrows(SplitRefusal.class, () -> split(model(graph)));

    assertEquals(SplitRefusal.Code.VERIFY_FAILED, refusal.code());
    assertTrue(refusal.reason().startsWith("no user column of [user]"), refusal.reason());
    assertEquals("check the roles", refusal.fix());
  }

  /** A squeeze without axes drops the batch of one row: the row is scored beside itself. */
  @Test
  void aModelThatLosesTheAxisOfOneRowIsCheckedByPairs() {
    var graph = new GraphBuilder("squeezes");
    String user = graph.input("user", DType.FLOAT32, "B", 4);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", 4);
    String mixed = graph.times(graph.add("Tanh", graph.matmul(user, square(graph))), candidate);
    graph.named("score", "Squeeze", Map.of(), graph.add("ReduceSum", mixed, graph.vector(1)));
    graph.output("score", DType.FLOAT32, "B");

    SplitModel split = split(model(graph));

    assertTrue(split.maxError() < Closeness.LOGITS, "difference " + split.maxError());
  }

  /** A recurrent layer over no event kills the runtime: the length is recorded. */
  @Test
  void anEmptyHistoryThatKillsTheRuntimeIsTheShortestLengthOnly() throws IOException {
    var graph = new GraphBuilder("recurrent");
    String history = graph.input("history", DType.FLOAT32, "B", "n", 2);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", 1);
    String w = graph.initializer("w", TensorData.floats(Shape.of(1, 3, 2), 1, 2, 3, 1, 2, 1));
    String r = graph.initializer("r", TensorData.floats(Shape.of(1, 3, 1), 1, -1, 1));
    String states =
        graph.add(
            "GRU", Map.of("hidden_size", Attribute.of(1)), graph.transpose(history, 1, 0, 2), w, r);
    String last = graph.add("Gather", states, graph.scalar(-1L));
    String user = graph.add("Squeeze", last, graph.vector(0));
    graph.named("score", "Mul", Map.of(), user, candidate);
    graph.output("score", DType.FLOAT32, "B", 1);

    try (OrtProcess process = OrtProcess.start(1)) {
      SplitModel split =
          new Splitter(RUNNERS, process)
              .split(
                  model(graph),
                  new Roles(Map.of("history", Role.USER, "candidate", Role.CANDIDATE)),
                  Splitter.Options.DEFAULT);

      assertEquals(1, split.historyMin(), split.notes().toString());
      assertTrue(
          split.notes().getFirst().contains("cannot score an empty history"),
          split.notes().toString());
    }
  }

  @Test
  void anEmptyHistoryThatRunsIsChecked() throws IOException {
    Model whole = ZooModels.causal();

    try (OrtProcess process = OrtProcess.start(1)) {
      SplitModel split =
          new Splitter(RUNNERS, process)
              .split(whole, ZooModels.roles(whole), Splitter.Options.DEFAULT);

      assertEquals(0, split.historyMin(), split.notes().toString());
      assertEquals(List.of(), split.notes());
    }
  }

  /** score = sigmoid(offset + tanh(user) . candidate / 100). */
  private static Model scored(float offset) {
    var graph = new GraphBuilder("scored");
    String user = graph.input("user", DType.FLOAT32, "B", 4);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", 4);
    String features = graph.add("Tanh", graph.matmul(user, square(graph)));
    String product = graph.add("ReduceSum", graph.times(features, candidate), graph.vector(1));
    String small = graph.times(product, graph.scalar(0.01f));
    graph.named(
        "z",
        "Add",
        Map.of(),
        small,
        graph.initializer("offset", TensorData.floats(Shape.of(1), offset)));
    graph.named("score", "Sigmoid", Map.of(), "z");
    graph.output("score", DType.FLOAT32, "B", 1);
    return model(graph);
  }

  private static Model model(GraphBuilder graph) {
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static SplitModel split(Model model) {
    Roles told = Roles.of(model);
    Roles roles =
        told.byInput().isEmpty()
            ? new Roles(Map.of("user", Role.USER, "candidate", Role.CANDIDATE))
            : told;
    return new Splitter(RUNNERS).split(model, roles, Splitter.Options.DEFAULT);
  }

  private static SplitRefusal refusal(SplitModel wrong, Model whole) {
    var refusal =
        assertThrows(
            SplitRefusal.class, () -> Verifier.verify(wrong, whole, RUNNERS, List.of(), 5));
    assertEquals(SplitRefusal.Code.VERIFY_FAILED, refusal.code());
    return refusal;
  }

  private static SplitModel with(SplitModel split, Model user, Model candidate) {
    return new SplitModel(
        user,
        candidate,
        split.roles(),
        split.layout(),
        split.state(),
        split.growth(),
        split.flops(),
        split.historyMin(),
        split.historyMax(),
        Double.NaN,
        List.of(),
        List.of());
  }

  /** Returns the model with the first element of a constant moved. */
  private static Model shifted(Model model, String constant, float by) {
    Graph graph = model.graph();
    var constants = new LinkedHashMap<>(graph.initializers());
    assertTrue(constants.containsKey(constant), constants.keySet().toString());
    constants.computeIfPresent(
        constant,
        (_, tensor) -> {
          float[] values = ((NumericTensor) tensor).toFloats();
          values[0] += by;
          return TensorData.floats(tensor.shape(), values);
        });
    return model.withGraph(graph.withInitializers(constants));
  }
}
