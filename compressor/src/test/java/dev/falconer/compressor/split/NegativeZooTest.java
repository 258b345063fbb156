package dev.falconer.compressor.split;

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
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rankers that can't be split, each refused by its code and the node to blame. */
class NegativeZooTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final int WIDTH = 4;

  private final Random random = new Random(17);

  /** Candidates attend to each other, in the words of a set transformer. */
  @Test
  void attentionAmongCandidates() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker((graph, x) -> {
          String scores = graph.named("blame:0", "MatMul", Map.of(), x, graph.transpose(x, 1, 0));
          return graph.matmul(graph.add("Softmax", scores), x);
        }));
  }

  /** The same through an axis put before the rows: [B, d] as one sequence [1, B, d]. */
  @Test
  void attentionOverTheBatchAsASequence() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker((graph, x) -> {
          String set = graph.unsqueeze(x, 0);
          String scores =
              graph.named("blame:0", "MatMul", Map.of(), set, graph.transpose(set, 0, 2, 1));
          String mixed = graph.matmul(graph.add("Softmax", scores), set);
          return graph.add("Squeeze", mixed, graph.vector(0));
        }));
  }

  @Test
  void batchNormInTraining() {
    refused(
        Code.TRAINING_MODE,
        "blame",
        ranker((graph, x) ->
            graph.named(
                "blame:0",
                "BatchNormalization",
                Map.of("training_mode", Attribute.of(1)),
                x,
                graph.initializer("scale", numbers(WIDTH)),
                graph.initializer("bias", numbers(WIDTH)),
                graph.initializer("mean", numbers(WIDTH)),
                graph.initializer("var", TensorData.floats(Shape.of(WIDTH), 1, 1, 1, 1)))));
  }

  @Test
  void softmaxOverTheBatch() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker(
            (graph, x) -> graph.named("blame:0", "Softmax", Map.of("axis", Attribute.of(0)), x)));
  }

  /** Older operator sets flatten to [1, B d] from axis 0 on. */
  @Test
  void softmaxThatFlattensTheBatch() {
    Model model =
        ranker((graph, x) -> graph.named("blame:0", "Softmax", Map.of("axis", Attribute.of(0)), x));
    refused(Code.MIXES_ROWS, "blame", new Model(model.graph(), 6, Map.of("", 11L), Map.of()));
  }

  @Test
  void meanOverTheBatch() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker((graph, x) ->
            graph.add(
                "Sub", x, graph.named("blame:0", "ReduceMean", Map.of(), x, graph.vector(0)))));
  }

  /** Without axes every axis is reduced. */
  @Test
  void meanOverEverything() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker(
            (graph, x) -> graph.add("Sub", x, graph.named("blame:0", "ReduceMean", Map.of(), x))));
  }

  @Test
  void sortAcrossRows() {
    refused(
        Code.MIXES_ROWS,
        "blame",
        ranker((graph, x) -> {
          String rows = graph.length(x, 0);
          return graph.named("blame:0", "TopK", Map.of("axis", Attribute.of(0)), x, rows);
        }));
  }

  @Test
  void batchFixedByTracing() {
    for (long batch : new long[] {1, 50}) {
      refused(
          Code.BATCH_BAKED,
          "blame",
          ranker((graph, x) ->
              graph.named("blame:0", "Reshape", Map.of(), x, graph.vector(batch, WIDTH))));
    }
  }

  /** A candidate beside each event of the history, then layers over both. */
  @Test
  void concatFusion() {
    var graph = new GraphBuilder("concat fusion");
    String history = graph.input("history", DType.FLOAT32, "B", "n", WIDTH);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", WIDTH);
    String each = graph.add("Expand", graph.unsqueeze(candidate, 1), graph.add("Shape", history));
    String x = graph.add("Tanh", graph.times(history, each));
    for (int layer = 0; layer < 3; layer++) {
      String weight = graph.initializer("weight" + layer, numbers(WIDTH, WIDTH));
      x = graph.add("Tanh", graph.named("product" + layer, "MatMul", Map.of(), x, weight));
    }
    graph.named("score", "ReduceMean", Map.of("keepdims", Attribute.of(0)), x, graph.vector(1, 2));
    graph.output("score", DType.FLOAT32, "B");

    SplitRefusal refusal = refusal(model(graph));

    assertEquals(Code.NO_GAIN, refusal.code(), refusal.getMessage());
    assertEquals("MatMul", refusal.node(), refusal.getMessage());
  }

  private interface Body {
    String add(GraphBuilder graph, String x);
  }

  /** A ranker whose body sees [B, {@value #WIDTH}] of both. */
  private Model ranker(Body body) {
    var graph = new GraphBuilder("ranker");
    String history = graph.input("history", DType.FLOAT32, "B", WIDTH);
    String candidate = graph.input("candidate", DType.FLOAT32, "B", WIDTH);
    String user = graph.matmul(history, graph.initializer("in", numbers(WIDTH, WIDTH)));
    String x = body.add(graph, graph.plus(graph.add("Tanh", user), candidate));
    graph.named("score", "MatMul", Map.of(), x, graph.initializer("out", numbers(WIDTH, 1)));
    graph.output("score", DType.FLOAT32, "B", 1);
    return model(graph);
  }

  private static Model model(GraphBuilder graph) {
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private NumericTensor numbers(long... shape) {
    Shape all = Shape.of(shape);
    var values = new float[(int) all.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(all, values);
  }

  /** Refuses at the node that writes the blamed value, in one line. */
  private static void refused(Code code, String blamed, Model model) {
    SplitRefusal refusal = refusal(model);

    String node = model.graph().producers().get(blamed + ":0").name();
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertEquals(node, refusal.node(), refusal.getMessage());
    assertTrue(
        refusal.getMessage().startsWith(code.text() + ": node \"" + node + "\" ("),
        refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count());
  }

  private static SplitRefusal refusal(Model model) {
    var roles = new Roles(Map.of("history", Role.USER, "candidate", Role.CANDIDATE));
    return assertThrows(
        SplitRefusal.class,
        () -> new Splitter(RUNNERS).split(model, roles, Splitter.Options.DEFAULT));
  }
}
