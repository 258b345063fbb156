package dev.falconer.compressor.axes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is known of graphs that no rule covers as a whole. */
class PartialAnalysisTest {
  private final GraphBuilder graph = new GraphBuilder("partial");
  private final String x = graph.input("x", DType.FLOAT32, "n", 4);

  @Test
  void operatorsWithoutARuleLeaveTheRestKnown() {
    String unknown = graph.addIn("somewhere", "Something", Map.of(), x);
    String behind = graph.add("Relu", unknown);
    String known = graph.add("Transpose", x);

    Analysis analysis = analysis();

    assertFalse(analysis.has(unknown));
    assertFalse(analysis.has(behind));
    assertEquals("[4, n]", analysis.get(known).axes().toString());
  }

  @Test
  void rowsMayMix() {
    String sum = graph.add("ReduceSum", x, graph.vector(0));
    String product = graph.matmul(x, graph.transpose(x, 1, 0));

    assertEquals("[1, 4]", analysis().get(sum).axes().toString());
    assertEquals("[n, n]", analysis().get(product).axes().toString());
  }

  @Test
  void fusedOperatorsHaveShapes() {
    String q = graph.input("q", DType.FLOAT32, 1, "n", 8);
    String k = graph.input("k", DType.FLOAT32, 1, "m", 8);
    String attended =
        graph.addIn(
            "com.microsoft", "MultiHeadAttention", Map.of("num_heads", Attribute.of(2)), q, k, k);
    String weight = graph.initializer("w", TensorData.floats(Shape.of(3, 4), new float[12]));
    String product =
        graph.addIn("com.microsoft", "FusedMatMul", Map.of("transB", Attribute.of(1)), x, weight);

    assertEquals("[1, n, 8]", analysis().get(attended).axes().toString());
    assertEquals("[n, 3]", analysis().get(product).axes().toString());
  }

  @Test
  void anAxisOfAnyLengthIsReadBackwards() {
    String turned =
        graph.add(
            "Slice",
            x,
            graph.vector(-1),
            graph.vector(Long.MIN_VALUE),
            graph.vector(0),
            graph.vector(-1));

    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertEquals("[n, 4]", analysis().get(turned).axes().toString()));
  }

  @Test
  void anInputOfUnknownRankIsNotKnown() {
    var open = new GraphBuilder("open");
    open.input("x", DType.FLOAT32, "n");
    var built = open.build();
    var input = new dev.falconer.compressor.onnx.ValueInfo("x", DType.FLOAT32, null);
    var model =
        new Model(
            new dev.falconer.compressor.onnx.Graph(
                "open", java.util.List.of(input), built.outputs(), Map.of(), built.nodes()),
            Model.IR_VERSION,
            Map.of("", 20L),
            Map.of());

    assertFalse(Analysis.partial(model).has("x"));
  }

  private Analysis analysis() {
    return Analysis.partial(new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of()));
  }
}
