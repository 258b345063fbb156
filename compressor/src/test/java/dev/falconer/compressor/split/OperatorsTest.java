package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.axes.SplitRefusal.Code;
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
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * Row-wise graphs of a history h [B, n, 4] and the candidates' c [B, 4], one per operator family:
 * split, checked against the whole, or refused.
 */
class OperatorsTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void aRecurrentLayerOverTheHistoryIsTheUsers() {
    for (String type : List.of("GRU", "LSTM", "RNN")) {
      SplitModel split = split(20, (g, c) -> g.concat(1, state(g, type, "h", c), c));

      assertEquals(1, count(split.user(), type), type);
      assertEquals(0, count(split.candidate(), type), type);
    }
  }

  @Test
  void aRecurrentLayerOverTheRowsIsRefused() {
    refused(
        Code.MIXES_ROWS,
        "GRU",
        (g, c) -> {
          String steps = g.unsqueeze(c, 1); // [B, 1, 4]: the rows for time
          return g.add("Squeeze", gru(g, "GRU", steps, ""), g.vector(0, 1));
        });
  }

  @Test
  void rowsThatNobodyReadsAreNotComputed() {
    SplitModel split = split(20, OperatorsTest::lastOfSelfAttention);

    assertTrue(split.flops().unread() > 0, split.flops().toString());
    assertEquals(1, split.historyMin());
    assertTrue(
        split.state().stream().allMatch(tensor -> tensor.historyAxis() >= 0),
        split.state().toString());
  }

  @Test
  void aCandidateThatIsNobodysKeyLeavesTheHistoryToTheUser() {
    SplitModel split = split(20, OperatorsTest::maskedSelfAttention);

    assertEquals(1, count(split.user(), "Softmax"));
    assertEquals(2, count(split.candidate(), "Softmax"));
  }

  @Test
  void aTriangleOfAFixedSequenceLeavesEarlierRowsToTheUser() {
    SplitModel split = split(20, OperatorsTest::causalPointwise);

    assertTrue(split.flops().shareSaved() > 0.6, split.flops().toString());
    assertFalse(split.state().stream().anyMatch(tensor -> tensor.historyAxis() < 0));
  }

  @Test
  void attentionIsTakenApart() {
    SplitModel split =
        split(
            23,
            (g, c) -> {
              String q = heads(g, g.unsqueeze(c, 1));
              String k = heads(g, "h");
              String mixed = g.add("Attention", q, k, k);
              return g.add(
                  "Squeeze", g.reshape(g.transpose(mixed, 0, 2, 1, 3), 0, 0, 4), g.vector(1));
            });

    assertEquals(1, split.state().size());
    assertEquals(0, count(split.candidate(), "Attention"));
    assertEquals(20, split.candidate().opset());
  }

  @Test
  void einsumIsAContractionByName() {
    split(20, (g, c) -> g.add("Einsum", Map.of("equation", Attribute.of("bnd,bd->bd")), "h", c));
    refused(
        Code.MIXES_ROWS,
        "Einsum",
        (g, c) -> g.add("Einsum", Map.of("equation", Attribute.of("bd,ce->bc")), c, c));
    refused(
        Code.MIXES_ROWS,
        "Einsum",
        (g, c) -> g.add("Einsum", Map.of("equation", Attribute.of("bd,be->de")), c, c));
  }

  @Test
  void theBestOfAHistoryAreTakenRowByRow() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String scores = g.add("ReduceSum", g.times("h", g.unsqueeze(c, 1)), g.vector(2));
              String flat = g.add("Squeeze", scores, g.vector(2));
              String best = g.several(2, "TopK", Map.of(), flat, g.vector(3)).getFirst();
              return g.matmul(best, weight(g, 3, 4));
            });

    assertEquals(3, split.historyMin());
    assertTrue(split.notes().getFirst().contains("first or last 3"), split.notes().toString());
  }

  @Test
  void aSliceUpToMoreThanAHistoryMayHaveIsNoted() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String first = g.add("ReduceMean", g.slice("h", 1, 0, 2), g.vector(1));
              return g.concat(1, g.add("Squeeze", first, g.vector(1)), c);
            });

    assertEquals(2, split.historyMin());
  }

  @Test
  void aLengthThatTheExporterTracedIsRecorded() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String shape = g.concat(0, g.length("h", 0), g.vector(12));
              return g.concat(1, g.add("Tanh", g.add("Reshape", "h", shape)), c);
            });

    assertEquals("n", split.fixed().getFirst().length());
    assertEquals("3", split.fixed().getFirst().value().toString());
    assertEquals(
        new ValueInfo.Dim.Fixed(3),
        java.util.Objects.requireNonNull(split.user().graph().input("h").dims()).get(1));
  }

  @Test
  void picksByIndexKeepRowsApart() {
    split(
        20,
        (g, c) -> {
          String pairs = g.matmul(g.unsqueeze(c, 2), g.unsqueeze(pooled(g), 1)); // [B, 4, 4]
          String index = g.constant(TensorData.longs(Shape.of(3, 2), 1, 0, 2, 0, 2, 1));
          String picked = g.add("GatherND", g.transpose(pairs, 1, 2, 0), index);
          return g.transpose(picked, 1, 0);
        });
    refused(
        Code.MIXES_ROWS,
        "GatherND",
        (g, c) -> g.add("GatherND", c, g.constant(TensorData.longs(Shape.of(1, 1), 0))));
    refused(
        Code.MIXES_ROWS,
        "ScatterND",
        (g, c) ->
            g.add(
                "ScatterND", c, g.constant(TensorData.longs(Shape.of(1, 1), 0)), weight(g, 1, 4)));
  }

  @Test
  void aConditionThatLengthsDecideIsFollowed() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String two = g.add("Equal", g.add("Size", g.length(c, 1)), g.scalar(1L));
              return choice(g, two, c, pooled(g));
            });
    assertEquals(0, count(split.candidate(), "If"));

    refused(
        Code.CONTROL_FLOW,
        "If",
        (g, c) -> {
          String largest = g.add("ReduceMax", Map.of("keepdims", Attribute.of(0)), "h");
          return choice(g, g.add("Greater", largest, g.scalar(0f)), c, pooled(g));
        });
  }

  @Test
  void oldOperatorSetsAreRaised() {
    SplitModel split =
        split(
            11,
            (g, c) -> {
              String pooled = g.add("ReduceMean", ints("axes", 1), "h");
              String flat = g.add("Squeeze", ints("axes", 1), pooled);
              String soft = g.add("Softmax", Map.of("axis", Attribute.of(1)), g.concat(1, flat, c));
              String wide = g.add("Unsqueeze", ints("axes", 2), soft);
              String flattened = g.add("Softmax", Map.of("axis", Attribute.of(1)), wide);
              return g.add("Squeeze", ints("axes", 2), g.plus(wide, flattened));
            });

    assertEquals(20, split.candidate().opset());
    assertTrue(
        split.user().graph().nodes().stream()
            .noneMatch(node -> node.attributes().containsKey("axes")));
  }

  @Test
  void aDeclaredBatchOfOneThatNoNodeNeedsIsFreed() {
    var g = new GraphBuilder("one");
    g.input("h", DType.FLOAT32, 1, 4);
    g.input("c", DType.FLOAT32, 1, 4);
    String product = g.matmul(g.concat(1, "h", "c"), weight(g, 8, 1));
    g.named("score", "Sigmoid", Map.of(), product);
    g.output("score", DType.FLOAT32, 1, 1);
    var model = new Model(g.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());

    SplitModel split = new Splitter(RUNNERS).split(model, ROLES, Splitter.Options.DEFAULT);

    assertFalse(
        java.util.Objects.requireNonNull(split.candidate().graph().outputs().getFirst().dims())
            .contains(new ValueInfo.Dim.Fixed(4)));
    assertEquals(1, split.state().size());
  }

  @Test
  void anOutputOfTheUsersAloneIsRepeatedForEveryCandidate() {
    var g = new GraphBuilder("two");
    g.input("h", DType.FLOAT32, "B", 4);
    g.input("c", DType.FLOAT32, "B", 4);
    g.named("affinity", "Sigmoid", Map.of(), g.matmul("h", weight(g, 4, 2)));
    g.named("score", "Sigmoid", Map.of(), g.matmul(g.concat(1, "h", "c"), weight(g, 8, 1)));
    g.output("affinity", DType.FLOAT32, "B", 2);
    g.output("score", DType.FLOAT32, "B", 1);
    var model = new Model(g.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());

    SplitModel split = new Splitter(RUNNERS).split(model, ROLES, Splitter.Options.DEFAULT);

    assertEquals(1, count(split.user(), "Sigmoid"));
    assertEquals(1, count(split.candidate(), "Sigmoid"));
  }

  @Test
  void oneRowPerCandidateIsOneProductOfAllRows() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String scores =
                  g.matmul(heads(g, g.unsqueeze(c, 1)), g.transpose(heads(g, "h"), 0, 1, 3, 2));
              String mixed = g.matmul(g.softmax(scores), heads(g, "h"));
              return g.add(
                  "Squeeze", g.reshape(g.transpose(mixed, 0, 2, 1, 3), 0, 0, 4), g.vector(1));
            });

    assertEquals(
        2,
        split.candidate().graph().nodes().stream()
            .filter(node -> node.name().endsWith("#folded"))
            .count());
  }

  @Test
  void convolutionsWorkRowByRow() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String places = g.transpose("h", 0, 2, 1); // [B, 4, n]
              String wide = g.add("Pad", places, g.vector(0, 0, 1, 0, 0, 1));
              String seen = g.add("Conv", ints("pads", 0, 0), wide, weights(g, 4, 4, 3));
              String pooled = g.add("Squeeze", g.add("GlobalMaxPool", seen), g.vector(2));
              return g.concat(1, pooled, c);
            });

    assertEquals(1, count(split.user(), "Conv"));
    refused(
        Code.MIXES_ROWS,
        "Conv",
        (g, c) -> g.add("Conv", g.unsqueeze(g.transpose(c, 1, 0), 0), weights(g, 4, 4, 1)));
  }

  @Test
  void mergedRowsAreStoredApart() {
    SplitModel split =
        split(
            20,
            (g, c) -> {
              String rows = g.reshape("h", -1, 4); // [B·n, 4]
              String product = g.add("Tanh", g.matmul(rows, weight(g, 4, 4)));
              String shape = g.concat(0, g.length("h", 0), g.vector(-1, 4));
              String back = g.add("Reshape", product, shape);
              return g.add("Squeeze", g.matmul(g.unsqueeze(c, 1), turned(g, back)), g.vector(1));
            });

    assertEquals(1, count(split.user(), "Tanh"));
  }

  @Test
  void sequencesOfTensorsAreRefused() {
    refused(
        Code.UNSUPPORTED_OP,
        "SequenceConstruct",
        (g, c) -> {
          String list = g.add("SequenceConstruct", c, c);
          return g.add("ConcatFromSequence", Map.of("axis", Attribute.of(1)), list);
        });
  }

  private static String pooled(GraphBuilder g) {
    return g.add("Squeeze", g.add("ReduceMean", "h", g.vector(1)), g.vector(1));
  }

  private static Map<String, Attribute> ints(String key, long... values) {
    return Map.of(key, Attribute.ints(values));
  }

  private static String heads(GraphBuilder g, String x) {
    return g.transpose(g.reshape(x, 0, 0, 2, 2), 0, 2, 1, 3);
  }

  /** Swaps the last two axes of [B, n, 4], giving keys, and averages over the history. */
  private static String turned(GraphBuilder g, String x) {
    return g.matmul(g.transpose(x, 0, 2, 1), x);
  }

  private static String choice(GraphBuilder g, String condition, String yes, String no) {
    var graph = new HashMap<String, Attribute>();
    graph.put("then_branch", new Attribute.GraphAttr(branch("then", yes)));
    graph.put("else_branch", new Attribute.GraphAttr(branch("else", no)));
    return g.plus(g.add("If", graph, condition), no);
  }

  private static Graph branch(String name, String value) {
    Node node = Node.of(name + ".Tanh", "Tanh", List.of(value), List.of(name + ".out"), Map.of());
    return new Graph(
        name,
        List.of(),
        List.of(ValueInfo.of(name + ".out", DType.FLOAT32, "B", 4)),
        Map.of(),
        List.of(node));
  }

  /** Self-attention over history and candidate, read at the candidate's row. */
  private static String lastOfSelfAttention(GraphBuilder g, String c) {
    String x = g.concat(1, "h", g.unsqueeze(c, 1));
    String k = g.matmul(x, weight(g, 4, 4));
    String scores = g.matmul(g.matmul(x, weight(g, 4, 4)), g.transpose(k, 0, 2, 1));
    String mixed = g.plus(x, g.matmul(g.softmax(scores), x));
    return g.add("Gather", Map.of("axis", Attribute.of(1)), mixed, g.scalar(-1L));
  }

  /** Two layers in which the candidate is a query alone. */
  private static String maskedSelfAttention(GraphBuilder g, String c) {
    String x = g.concat(1, "h", g.unsqueeze(c, 1));
    String zeros = g.add("Equal", g.add("ReduceMax", "h", g.vector(2)), g.scalar(99f));
    String history = g.add("Squeeze", zeros, g.vector(2));
    String own = g.add("Expand", g.constant(TensorData.bools(Shape.of(1), true)), rowsByOne(g));
    String mask = g.unsqueeze(g.concat(1, history, own), 1);
    for (int layer = 0; layer < 2; layer++) {
      String scores = g.matmul(x, g.transpose(x, 0, 2, 1));
      String masked = g.add("Where", mask, g.scalar(Float.NEGATIVE_INFINITY), scores);
      x = g.plus(x, g.matmul(g.softmax(masked), g.matmul(x, weight(g, 4, 4))));
    }
    return g.add("Gather", Map.of("axis", Attribute.of(1)), x, g.scalar(-1L));
  }

  private static String rowsByOne(GraphBuilder g) {
    return g.concat(0, g.length("h", 0), g.vector(1));
  }

  /** Two causal layers without a softmax. */
  private static String causalPointwise(GraphBuilder g, String c) {
    String x = g.concat(1, "h", g.unsqueeze(c, 1));
    String n = g.length(x, 1);
    var one = Map.of("value", Attribute.of(TensorData.floats(Shape.of(1), 1)));
    String ones = g.add("ConstantOfShape", one, g.concat(0, n, n));
    String lower = g.add("Trilu", Map.of("upper", Attribute.of(0)), ones);
    for (int layer = 0; layer < 2; layer++) {
      String scores = g.add("Sigmoid", g.matmul(x, g.transpose(x, 0, 2, 1)));
      x = g.plus(x, g.add("Tanh", g.matmul(g.times(scores, lower), x)));
    }
    return g.add("Gather", Map.of("axis", Attribute.of(1)), x, g.scalar(-1L));
  }

  /** Last state [B, 4] of a recurrent layer over h, from zeros as many as there are candidates. */
  private static String state(GraphBuilder g, String type, String h, String c) {
    String shape = g.concat(0, g.vector(1), g.length(c, 0), g.vector(4));
    String zeros = g.add("ConstantOfShape", shape);
    String time = g.transpose(h, 1, 0, 2);
    String all = gru(g, type, time, zeros); // [n, 1, B, 4]
    String last = g.add("Gather", Map.of("axis", Attribute.of(0)), all, g.scalar(-1L));
    return g.add("Squeeze", last, g.vector(0));
  }

  private static String gru(GraphBuilder g, String type, String x, String initial) {
    int gates = type.equals("GRU") ? 3 : type.equals("LSTM") ? 4 : 1;
    String w = weights(g, 1, gates * 4L, 4);
    String r = weights(g, 1, gates * 4L, 4);
    Map<String, Attribute> size = Map.of("hidden_size", Attribute.of(4));
    return initial.isEmpty()
        ? g.add(type, size, x, w, r)
        : g.add(type, size, x, w, r, "", "", initial);
  }

  private static String weight(GraphBuilder g, long in, long out) {
    return weights(g, in, out);
  }

  private static String weights(GraphBuilder g, long... shape) {
    var tensor = NumericTensor.allocate(DType.FLOAT32, Shape.of(shape));
    var values = new float[Math.toIntExact(tensor.shape().size())];
    var random = new Random(g.build().initializers().size());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.3 * random.nextGaussian());
    }
    return g.initializer(
        "w" + g.build().initializers().size(), TensorData.floats(tensor.shape(), values));
  }

  private static Model model(long opset, BiFunction<GraphBuilder, String, String> body) {
    var g = new GraphBuilder("operators");
    g.input("h", DType.FLOAT32, "B", "n", 4);
    String c = g.input("c", DType.FLOAT32, "B", 4);
    String result = body.apply(g, c);
    g.named("score", "Identity", Map.of(), result);
    g.output("score", DType.FLOAT32, "B", "width");
    return new Model(g.build(), Model.IR_VERSION, Map.of("", opset), Map.of());
  }

  private static final Roles ROLES = new Roles(Map.of("h", Role.USER, "c", Role.CANDIDATE));

  private static SplitModel split(long opset, BiFunction<GraphBuilder, String, String> body) {
    var forced = new Splitter.Options(9, List.of(), 7, true);
    return new Splitter(RUNNERS).split(model(opset, body), ROLES, forced);
  }

  private static void refused(
      Code code, String operator, BiFunction<GraphBuilder, String, String> body) {
    var refusal = assertThrows(SplitRefusal.class, () -> split(20, body), operator);
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertEquals(operator, refusal.operator(), refusal.getMessage());
  }

  private static long count(Model model, String type) {
    return model.graph().nodes().stream().filter(node -> node.is(type)).count();
  }
}
