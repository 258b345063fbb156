package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Row-wise graphs small enough to be split by hand: u the user's columns, c the candidates'. */
class OraclesTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final float EXACT = 1e-6f;

  /** Random inputs under weights of 100 give sums in the hundreds, whose last bit is 3e-5. */
  private static final double LAST_BIT = 4e-5;

  @Test
  void aProductOverBothIsOneNumberPerUser() {
    Model model = linear();
    SplitModel split = split(model, "u", "c");

    Map<String, TensorData> state = user(split, Map.of("u", row(1, 2)));
    assertEquals(1, state.size());
    assertArrayEquals(new float[] {26}, floats(state.values().iterator().next()), EXACT);
    assertArrayEquals(
        new float[] {326, 426}, scores(split, state, Map.of("c", column(3, 4))), EXACT);
  }

  @Test
  void aFactorisationMachineKeepsTwoSums() {
    Model model = factorisationMachine();
    SplitModel split = split(model, "u", "c");

    Map<String, TensorData> state = user(split, Map.of("u", row(1, 2)));
    assertEquals(2, state.size(), split.state().toString());
    float[] sums = new float[2];
    int i = 0;
    for (TensorData tensor : state.values()) {
      sums[i++] = floats(tensor)[0];
    }
    java.util.Arrays.sort(sums);
    assertArrayEquals(new float[] {3, 5}, sums, EXACT);
    assertArrayEquals(new float[] {11, 14}, scores(split, state, Map.of("c", column(3, 4))), EXACT);
  }

  @Test
  void rowsOfTheWeightThatMeetOneTensorAreAddedFirst() {
    Model model = difference();
    SplitModel split = split(model, "h", "c");

    for (float h : new float[] {1, 2}) {
      Map<String, TensorData> state = user(split, Map.of("h", row(h)));
      assertArrayEquals(new float[] {-h}, floats(state.values().iterator().next()), EXACT);
      assertArrayEquals(new float[] {40 - h}, scores(split, state, Map.of("c", column(10))), EXACT);
    }
  }

  @Test
  void rolesMayBeSwapped() {
    assertEquals(0, split(linear(), "c", "u").maxError(), LAST_BIT);
    assertEquals(0, split(factorisationMachine(), "c", "u").maxError(), LAST_BIT);
    assertEquals(0, split(difference(), "c", "h").maxError(), LAST_BIT);
    assertEquals(0, forced(selfAttention(false), "c", "h").maxError(), LAST_BIT);
    assertEquals(0, forced(gru(), "c", "h").maxError(), LAST_BIT);
  }

  /** Keys 0, 0, 1 under the query 1 get 1, 1, e of 2 + e; the value that counts is 1. */
  @Test
  void attentionReadAtTheCandidateIsItsOwnRowAlone() {
    SplitModel split = split(selfAttention(false), "h", "c");

    var history = TensorData.floats(Shape.of(1, 2, 1), 0, 0);
    Map<String, TensorData> state = user(split, Map.of("h", history));
    float[] scores = scores(split, state, Map.of("c", column(1, 0)));
    assertArrayEquals(new float[] {(float) (Math.E / (2 + Math.E)), 0}, scores, EXACT);
    assertEquals(.5761f, scores[0], 5e-5f);
    // At a hundred events, of a hundred and one rows a hundred are read by nobody.
    assertEquals(.990, split.flops().shareSaved(), 1e-3);
  }

  @Test
  void aCandidateThatDoesNotSeeItselfReadsTheHistoryAlone() {
    SplitModel split = split(selfAttention(true), "h", "c");

    var history = TensorData.floats(Shape.of(1, 2, 1), 0, 0);
    Map<String, TensorData> state = user(split, Map.of("h", history));
    assertArrayEquals(new float[] {0, 0}, scores(split, state, Map.of("c", column(1, 5))), EXACT);
  }

  @Test
  void aRecurrentLayerStartedFromTheCandidatesShapeIsTheUsers() {
    SplitModel split = split(gru(), "h", "c");

    assertTrue(split.user().graph().nodes().stream().anyMatch(node -> node.is("GRU")));
    assertTrue(split.candidate().graph().nodes().stream().noneMatch(node -> node.is("GRU")));
  }

  @Test
  void aShapeReadFromTheCandidateColoursNothing() {
    Model model =
        model(graph -> {
          String u = graph.input("u", DType.FLOAT32, "B", 2);
          String c = graph.input("c", DType.FLOAT32, "B", 1);
          String zeros =
              graph.add("ConstantOfShape", graph.concat(0, graph.length(c, 0), graph.vector(2)));
          String product = graph.matmul(graph.plus(u, zeros), weight(graph, 2, 2, 1, 2, 3, 4));
          return graph.matmul(
              graph.times(graph.add("Tanh", product), c), weight(graph, 2, 1, 1, 1));
        });
    SplitModel split = split(model, "u", "c");

    assertEquals(1, split.state().size());
    assertTrue(
        split.candidate().graph().nodes().stream()
            .noneMatch(node -> node.is("Tanh") || node.is("ConstantOfShape")));
  }

  @Test
  void refusesToCutRows() {
    refused(Code.RESHAPE_MIXES_ROWS, "Reshape", x -> x, -1, 4);
    refused(Code.BATCH_BAKED, "Reshape", x -> x, 6);
  }

  private static void refused(
      Code code, String operator, UnaryOperator<String> same, long... shape) {
    refuses(
        code,
        operator,
        model(graph -> {
          String u = graph.input("u", DType.FLOAT32, "B", 2);
          String c = graph.input("c", DType.FLOAT32, "B", 2);
          return same.apply(graph.reshape(graph.plus(u, c), shape));
        }));
  }

  @Test
  void refusesOperatorsAcrossRows() {
    refuses(
        Code.MIXES_ROWS,
        "Softmax",
        both((graph, x) -> graph.add("Softmax", Map.of("axis", Attribute.of(0)), x)));
    refuses(
        Code.MIXES_ROWS, "MatMul", both((graph, x) -> graph.matmul(x, graph.transpose(x, 1, 0))));
    refuses(
        Code.MIXES_ROWS, "MatMul", both((graph, x) -> graph.matmul(graph.transpose(x, 1, 0), x)));
    refuses(
        Code.MIXES_ROWS,
        "ReduceMean",
        both((graph, x) -> graph.plus(x, graph.add("ReduceMean", x, graph.vector(0)))));
    refuses(
        Code.MIXES_ROWS,
        "TopK",
        both((graph, x) -> graph.add("TopK", Map.of("axis", Attribute.of(0)), x, graph.vector(1))));
    refuses(Code.MIXES_ROWS, "Slice", both((graph, x) -> graph.slice(x, 0, 0, 1)));
    refuses(
        Code.MIXES_ROWS, "CumSum", both((graph, x) -> graph.add("CumSum", x, graph.scalar(0L))));
    refuses(
        Code.TRAINING_MODE,
        "BatchNormalization",
        both((graph, x) ->
            graph.add(
                "BatchNormalization",
                Map.of("training_mode", Attribute.of(1)),
                x,
                vector(graph, "scale"),
                vector(graph, "bias"),
                vector(graph, "mean"),
                vector(graph, "var"))));
    refuses(Code.RANDOM, "RandomNormalLike", both((graph, x) -> graph.add("RandomNormalLike", x)));
    refuses(Code.DATA_SHAPE, "NonZero", both((graph, x) -> graph.add("NonZero", x)));
    refuses(Code.UNSUPPORTED_OP, "Hardmaxx", both((graph, x) -> graph.add("Hardmaxx", x)));
  }

  @Test
  void refusesAGraphWithoutCandidates() {
    var roles = new Roles(Map.of("u", Role.USER, "c", Role.USER));

    var refusal =
        assertThrows(
            SplitRefusal.class,
            () -> new Splitter(RUNNERS).split(linear(), roles, Splitter.Options.DEFAULT));

    assertEquals(Code.NO_CANDIDATE, refusal.code());
  }

  private static void refuses(Code code, String operator, Model model) {
    var refusal = assertThrows(SplitRefusal.class, () -> split(model, "u", "c"), operator);
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertEquals(operator, refusal.operator(), refusal.getMessage());
    assertTrue(
        refusal.getMessage().startsWith(code.text() + ": node \"" + refusal.node() + "\" ("),
        refusal.getMessage());
  }

  private interface Body {
    String add(GraphBuilder graph);
  }

  private interface Step {
    String add(GraphBuilder graph, String x);
  }

  private static Model both(Step step) {
    return model(graph ->
        step.add(
            graph,
            graph.plus(
                graph.input("u", DType.FLOAT32, "B", 2), graph.input("c", DType.FLOAT32, "B", 2))));
  }

  private static Model model(Body body) {
    var graph = new GraphBuilder("oracle");
    String result = body.add(graph);
    graph.named("score", "Identity", Map.of(), result);
    graph.output("score", DType.FLOAT32, "B", 1);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static Model linear() {
    return model(graph -> {
      String u = graph.input("u", DType.FLOAT32, "B", 2);
      String c = graph.input("c", DType.FLOAT32, "B", 1);
      String product = graph.matmul(graph.concat(1, u, c), weight(graph, 3, 1, 1, 10, 100));
      return graph.plus(product, graph.scalar(5f));
    });
  }

  private static Model factorisationMachine() {
    return model(graph -> {
      String u = graph.input("u", DType.FLOAT32, "B", 2);
      String c = graph.input("c", DType.FLOAT32, "B", 1);
      String x = graph.concat(1, u, c);
      String sum = graph.add("ReduceSum", x, graph.vector(1));
      String squares = graph.add("ReduceSum", graph.times(x, x), graph.vector(1));
      return graph.times(graph.add("Sub", graph.times(sum, sum), squares), graph.scalar(0.5f));
    });
  }

  private static Model difference() {
    return model(graph -> {
      String h = graph.input("h", DType.FLOAT32, "B", 1);
      String c = graph.input("c", DType.FLOAT32, "B", 1);
      return graph.matmul(
          graph.concat(1, c, h, graph.add("Sub", c, h)), weight(graph, 3, 1, 1, 2, 3));
    });
  }

  /** Attention among h [B, n, 1] and c under it, its own queries, keys and values, read at c. */
  private static Model selfAttention(boolean blind) {
    return model(graph -> {
      String h = graph.input("h", DType.FLOAT32, "B", "n", 1);
      String c = graph.input("c", DType.FLOAT32, "B", 1);
      String x = graph.concat(1, h, graph.unsqueeze(c, 1));
      String scores = graph.matmul(x, graph.transpose(x, 0, 2, 1));
      if (blind) {
        String events = graph.add("Squeeze", graph.length(x, 1), graph.vector(0));
        String position = graph.add("Range", graph.scalar(0L), events, graph.scalar(1L));
        String own = graph.add("Equal", position, graph.add("Sub", events, graph.scalar(1L)));
        String masked =
            graph.add(
                "And",
                graph.unsqueeze(own, 0),
                graph.add("Equal", graph.unsqueeze(position, 0), graph.unsqueeze(position, 1)));
        scores = graph.add("Where", masked, graph.scalar(Float.NEGATIVE_INFINITY), scores);
      }
      String read = graph.matmul(graph.softmax(scores), x);
      return graph.add("Gather", Map.of("axis", Attribute.of(1)), read, graph.scalar(-1L));
    });
  }

  /** A GRU over h [B, n, 2] that starts from zeros [1, B, 3], times c. */
  private static Model gru() {
    return model(graph -> {
      String h = graph.input("h", DType.FLOAT32, "B", "n", 2);
      String c = graph.input("c", DType.FLOAT32, "B", 1);
      String zeros =
          graph.add(
              "ConstantOfShape",
              graph.concat(0, graph.vector(1), graph.length(c, 0), graph.vector(3)));
      String steps =
          graph.add(
              "GRU",
              Map.of("hidden_size", Attribute.of(3)),
              graph.transpose(h, 1, 0, 2),
              graph.reshape(weight(graph, 9, 2, cosines(18)), 1, 9, 2),
              graph.reshape(weight(graph, 9, 3, cosines(27)), 1, 9, 3),
              "",
              "",
              zeros);
      String last = graph.add("Gather", steps, graph.scalar(-1L));
      String state = graph.add("Squeeze", last, graph.vector(0));
      return graph.times(graph.matmul(state, weight(graph, 3, 1, 1, 2, 3)), c);
    });
  }

  private static float[] cosines(int count) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.cos(i + 1);
    }
    return values;
  }

  private static String weight(GraphBuilder graph, long in, long out, float... values) {
    return graph.constant(TensorData.floats(Shape.of(in, out), values));
  }

  private static String vector(GraphBuilder graph, String name) {
    return graph.initializer(name, TensorData.floats(Shape.of(2), 1, 2));
  }

  private static SplitModel split(Model model, String user, String candidate) {
    var roles = new Roles(Map.of(user, Role.USER, candidate, Role.CANDIDATE));
    return new Splitter(RUNNERS).split(model, roles, Splitter.Options.DEFAULT);
  }

  /** Returns the split of a graph too small to gain by it. */
  private static SplitModel forced(Model model, String user, String candidate) {
    var roles = new Roles(Map.of(user, Role.USER, candidate, Role.CANDIDATE));
    return new Splitter(RUNNERS).split(model, roles, new Splitter.Options(0, List.of(), 7, true));
  }

  private static Map<String, TensorData> user(SplitModel split, Map<String, TensorData> columns) {
    try (Runner runner = RUNNERS.open(split.user())) {
      return runner.run(States.fresh(split, columns));
    }
  }

  private static float[] scores(
      SplitModel split, Map<String, TensorData> state, Map<String, TensorData> columns) {
    var feeds = new HashMap<>(state);
    feeds.putAll(columns);
    try (Runner runner = RUNNERS.open(split.candidate())) {
      return floats(runner.run(feeds).get("score"));
    }
  }

  private static float[] floats(TensorData tensor) {
    return ((NumericTensor) tensor).toFloats();
  }

  private static TensorData row(float... values) {
    return TensorData.floats(Shape.of(1, values.length), values);
  }

  private static TensorData column(float... values) {
    return TensorData.floats(Shape.of(values.length, 1), values);
  }
}
