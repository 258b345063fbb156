package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Graphs that once were refused or not survived; most were met as random ones first. */
class UnusualGraphsTest {
  @Test
  void aMeanOverNoEventsIsNoReasonToRefuse() {
    var graph = new GraphBuilder("mean");
    String history = graph.input("h", DType.FLOAT32, "B", "n", 2);
    String item = graph.input("c", DType.FLOAT32, "B", 2);
    String mean =
        graph.add("ReduceMean", Map.of("keepdims", keep(false)), history, graph.vector(1));

    SplitModel split = split(graph, graph.times(graph.matmul(mean, weight(graph, 2, 2)), item));

    assertEquals(1, split.state().size());
  }

  @Test
  void refusesAGraphThatReadsNothingOfTheUserEvenWhenForced() {
    var graph = new GraphBuilder("unread");
    String user = graph.input("h", DType.FLOAT32, "B", 2);
    String item = graph.input("c", DType.FLOAT32, "B", 2);
    String constant = graph.times(graph.length(user, 1), graph.vector(3));
    String score = graph.times(item, graph.add("Cast", Map.of("to", to(1)), constant));
    graph.named("score", "Identity", Map.of(), score);
    graph.output("score", DType.FLOAT32, "B", 2);

    var refusal = assertThrows(SplitRefusal.class, () -> split(graph, true));

    assertEquals(SplitRefusal.Code.NO_GAIN, refusal.code(), refusal.getMessage());
  }

  @Test
  void idsOfAVocabularyOfTwoAreDrawnUntilTheyDiffer() {
    for (long seed = 0; seed < 20; seed++) {
      var graph = new GraphBuilder("gender");
      String user = graph.input("h", DType.INT64, "B");
      String item = graph.input("c", DType.INT64, "B");
      String rows = graph.gather(weight(graph, 2, 2), user);
      String product = graph.matmul(rows, weight(graph, 2, 2));
      graph.named("score", "Mul", Map.of(), product, graph.gather(weight(graph, 2, 2), item));
      graph.output("score", DType.FLOAT32, "B", 2);

      SplitModel split =
          new Splitter(OrtRunner.factory(1))
              .split(model(graph), roles(graph), new Splitter.Options(0, List.of(), seed, false));

      assertFalse(split.state().isEmpty(), "seed " + seed);
    }
  }

  @Test
  void twoNamesOfOneLengthMayMeetInAReshape() {
    var graph = new GraphBuilder("names");
    String first = graph.input("h", DType.FLOAT32, "B", "n", 2);
    String second = graph.input("h2", DType.FLOAT32, "B", "n_2", 2);
    String item = graph.input("c", DType.FLOAT32, "B", 2);
    String flat = graph.matmul(graph.reshape(first, -1, 2), weight(graph, 2, 2));
    String again =
        graph.add(
            "Reshape",
            flat,
            graph.concat(0, graph.length(item, 0), graph.length(second, 1), graph.vector(2)));
    String sum = graph.add("ReduceSum", Map.of("keepdims", keep(false)), again, graph.vector(1));
    String other = graph.add("ReduceSum", Map.of("keepdims", keep(false)), second, graph.vector(1));

    SplitModel split = split(graph, graph.times(graph.plus(sum, other), item));

    assertEquals(1, split.fixed().size());
    assertTrue(
        split.fixed().getFirst().value().equals(Poly.symbol("n"))
            || split.fixed().getFirst().value().equals(Poly.symbol("n_2")));
  }

  @Test
  void aHistoryOfWhichOnlyTheLengthIsReadStaysAColumnOfTheUser() {
    var graph = new GraphBuilder("length");
    String history = graph.input("h", DType.FLOAT32, "B", "n", 2);
    String clicks = graph.input("h2", DType.INT64, "B", "k");
    String item = graph.input("c", DType.FLOAT32, "B", 2);
    String repeats = graph.concat(0, graph.vector(1, 1), graph.length(clicks, 1));
    String repeated = graph.add("Tile", graph.matmul(history, weight(graph, 2, 2)), repeats);
    String sum =
        graph.add("ReduceSum", Map.of("keepdims", keep(true)), repeated, graph.vector(1, 2));

    SplitModel split = split(graph, graph.times(graph.add("Squeeze", sum, graph.vector(1)), item));

    assertEquals(
        List.of("h", "h2"),
        split.user().graph().inputs().stream().map(input -> input.name()).limit(2).toList());
  }

  @Test
  void anOutputOfTheUserAloneIsRepeatedForEveryCandidate() {
    var graph = new GraphBuilder("two heads");
    String user = graph.input("h", DType.FLOAT32, "B", 2);
    String item = graph.input("c", DType.FLOAT32, "B", 2);
    String profile = graph.add("Tanh", graph.matmul(user, weight(graph, 2, 2)));
    graph.named("loyalty", "Sigmoid", Map.of(), profile);
    graph.output("loyalty", DType.FLOAT32, "B", 2);

    SplitModel split = split(graph, graph.times(profile, graph.plus(item, "loyalty")));

    assertEquals(
        List.of("loyalty", "score"),
        split.candidate().graph().outputs().stream().map(output -> output.name()).toList());
    assertTrue(split.user().graph().nodes().stream().anyMatch(node -> node.is("Sigmoid")));
  }

  @Test
  void aMeanOfBothPartiesInDoublePrecisionStaysInIt() {
    var graph = new GraphBuilder("doubles");
    String user = graph.input("h", DType.FLOAT64, "B", 2);
    String item = graph.input("c", DType.FLOAT64, "B", 2);
    String both = graph.concat(1, graph.add("Tanh", user), item);
    graph.named("score", "ReduceMean", Map.of(), both, graph.vector(1));
    graph.output("score", DType.FLOAT64, "B", 1);

    SplitModel split = split(graph, true);

    assertTrue(split.candidate().graph().nodes().stream().anyMatch(node -> node.is("Mul")));
  }

  private static Attribute keep(boolean keep) {
    return Attribute.of(keep ? 1 : 0);
  }

  private static Attribute to(int type) {
    return Attribute.of(type);
  }

  private static String weight(GraphBuilder graph, int in, int out) {
    var values = new float[in * out];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.cos(i + 1);
    }
    return graph.constant(TensorData.floats(Shape.of(in, out), values));
  }

  private static SplitModel split(GraphBuilder graph, String score) {
    graph.named("score", "Identity", Map.of(), score);
    graph.output("score", DType.FLOAT32, "B", 2);
    return split(graph, false);
  }

  private static SplitModel split(GraphBuilder graph, boolean force) {
    return new Splitter(OrtRunner.factory(1))
        .split(model(graph), roles(graph), new Splitter.Options(0, List.of(), 7, force));
  }

  private static Model model(GraphBuilder graph) {
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  /** Returns the roles: c is the candidates', everything else the user's. */
  private static Roles roles(GraphBuilder graph) {
    var roles = new HashMap<String, Role>();
    graph
        .build()
        .inputs()
        .forEach(input ->
            roles.put(input.name(), input.name().equals("c") ? Role.CANDIDATE : Role.USER));
    return new Roles(roles);
  }
}
