package dev.falconer.compressor.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Applies a pass to a tiny row-wise graph of the user's u, the candidates' c and the request's x,
 * each float [B, 2], and checks that the result computes the same.
 */
final class PassTester {
  static final Roles ROLES =
      new Roles(Map.of("u", Role.USER, "c", Role.CANDIDATE, "x", Role.CONTEXT));
  static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final float CLOSE = 1e-5f;

  private final BiFunction<Roles, Layout, Pass> pass;
  private final Model model;

  private PassTester(BiFunction<Roles, Layout, Pass> pass, Model model) {
    this.pass = pass;
    this.model = model;
  }

  static On assertThat(Pass pass) {
    return new On((_, _) -> pass);
  }

  static On assertThat(BiFunction<Roles, Layout, Pass> pass) {
    return new On(pass);
  }

  /** A pass that waits for a graph. */
  record On(BiFunction<Roles, Layout, Pass> pass) {
    PassTester on(Function<GraphBuilder, String> body) {
      return new PassTester(pass, model(body));
    }
  }

  static Model model(Function<GraphBuilder, String> body) {
    var graph = new GraphBuilder("tiny");
    graph.input("u", DType.FLOAT32, "B", 2);
    graph.input("c", DType.FLOAT32, "B", 2);
    graph.input("x", DType.FLOAT32, "B", 2);
    graph.named("y", "Neg", Map.of(), body.apply(graph));
    graph.output("y", DType.FLOAT32, "B", "width");
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  /** Checks the operators left, without the last one, and that the outputs are the same. */
  Graph gives(String... operators) {
    Model after = apply();
    var types = after.graph().nodes().stream().map(Node::type).toList();
    assertEquals(List.of(operators), types.subList(0, types.size() - 1));
    assertArrayEquals(run(model), run(after), CLOSE);
    return after.graph();
  }

  void doesNotFire() {
    assertSame(model.graph(), apply().graph());
  }

  private Model apply() {
    return pass.apply(ROLES, Layout.of(model.graph(), ROLES)).run(model);
  }

  private static float[] run(Model model) {
    Map<String, TensorData> feeds =
        Map.of("u", rows(1, 2, 3, 4), "c", rows(5, -6, 7, 8), "x", rows(.5f, 1, .5f, 1));
    try (Runner runner = RUNNERS.open(model)) {
      return ((NumericTensor) runner.run(feeds).get("y")).toFloats();
    }
  }

  private static NumericTensor rows(float... values) {
    return TensorData.floats(dev.falconer.compressor.onnx.Shape.of(2, 2), values);
  }

  static String weight(GraphBuilder graph, int in, int out) {
    var values = new float[in * out];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + 1);
    }
    return graph.initializer(
        "weight" + in + "x" + out,
        TensorData.floats(dev.falconer.compressor.onnx.Shape.of(in, out), values));
  }
}
