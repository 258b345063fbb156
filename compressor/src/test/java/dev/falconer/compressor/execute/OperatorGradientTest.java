package dev.falconer.compressor.execute;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Every differentiable operator on random shapes: autograd equals central differences in fp64. */
class OperatorGradientTest {
  private static final double RELATIVE = 1e-6;
  private static final Attribute ONE = Attribute.of(1);

  private final Map<String, Consumer<SmallGraph>> cases = new LinkedHashMap<>();
  private final SplittableRandom sizes = new SplittableRandom(11);

  private void unary(String type, double low, double high) {
    unary(type, low, high, Map.of());
  }

  private void unary(String type, double low, double high, Map<String, Attribute> attributes) {
    long rows = size();
    long columns = size();
    cases.put(
        type + attributes,
        g -> g.parameter("a", low, high, rows, columns).node(type, "y", List.of("a"), attributes));
  }

  private void binary(String type) {
    long rows = size();
    long columns = size();
    cases.put(
        type + " of equal shapes",
        g ->
            g.parameter("a", 1, 2, rows, columns)
                .parameter("b", 1, 2, rows, columns)
                .node(type, "y", "a", "b"));
    cases.put(
        type + " broadcasting",
        g ->
            g.parameter("a", 1, 2, rows, 1, columns)
                .parameter("b", 1, 2, 3, 1)
                .node(type, "y", "a", "b"));
  }

  private long size() {
    return sizes.nextLong(1, 7);
  }

  private void elementwise() {
    List.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean").forEach(this::binary);
    List.of("Neg", "Exp", "Tanh", "Sigmoid", "Erf", "Sin", "Cos", "Softplus", "Elu")
        .forEach(type -> unary(type, -2, 2));
    List.of("Sqrt", "Log", "Reciprocal", "Abs", "Relu").forEach(type -> unary(type, .5, 2));
    unary("LeakyRelu", -2, -.5, Map.of("alpha", new Attribute.FloatAttr(.1f)));
    unary("Gelu", -2, 2);
    unary("Gelu", -2, 2, Map.of("approximate", Attribute.of("tanh")));
    cases.put(
        "Clip",
        g ->
            g.parameter("a", 0, 1, 4, 5)
                .constant("low", TensorData.scalar(.3f))
                .constant("high", TensorData.scalar(.7f))
                .node("Clip", "y", "a", "low", "high"));
    cases.put(
        "Pow by a constant",
        g ->
            g.parameter("a", -1, 1, 3, 2)
                .constant("two", TensorData.scalar(2f))
                .node("Pow", "y", "a", "two"));
    cases.put(
        "Where",
        g ->
            g.parameter("a", -1, 1, 3, 1, 2)
                .parameter("b", -1, 1, 2)
                .constant("c", TensorData.bools(Shape.of(1, 2, 1), true, false))
                .node("Where", "y", "c", "a", "b"));
  }

  private void reductions() {
    for (String type : List.of("Sum", "Mean", "Max", "Min", "L2", "SumSquare", "LogSumExp")) {
      cases.put(
          "Reduce" + type,
          g ->
              g.parameter("a", 1, 2, 2, 3, 4)
                  .constant("axes", TensorData.vector(-1, 0))
                  .node(
                      "Reduce" + type,
                      "y",
                      List.of("a", "axes"),
                      Map.of("keepdims", Attribute.of(0))));
    }
    cases.put(
        "ReduceProd",
        g ->
            g.parameter("a", 1, 2, 2, 3)
                .constant("axes", TensorData.vector(1))
                .node("ReduceProd", "y", "a", "axes"));
  }

  private void products() {
    long m = size();
    long k = size();
    long n = size();
    cases.put(
        "MatMul of matrices",
        g ->
            g.parameter("a", -1, 1, m, k)
                .parameter("b", -1, 1, k, n)
                .node("MatMul", "y", "a", "b"));
    cases.put(
        "MatMul of a stack with a matrix",
        g ->
            g.parameter("a", -1, 1, 2, m, k)
                .parameter("b", -1, 1, k, n)
                .node("MatMul", "y", "a", "b"));
    cases.put(
        "MatMul of stacks",
        g ->
            g.parameter("a", -1, 1, 2, 1, m, k)
                .parameter("b", -1, 1, 3, k, n)
                .node("MatMul", "y", "a", "b"));
    cases.put(
        "Gemm",
        g ->
            g.parameter("a", -1, 1, k, m)
                .parameter("b", -1, 1, n, k)
                .parameter("c", -1, 1, n)
                .node(
                    "Gemm",
                    "y",
                    List.of("a", "b", "c"),
                    Map.of(
                        "transA",
                        ONE,
                        "transB",
                        ONE,
                        "alpha",
                        new Attribute.FloatAttr(.5f),
                        "beta",
                        new Attribute.FloatAttr(2f))));
    cases.put(
        "MatMul with a bias",
        g ->
            g.parameter("a", -1, 1, 2, m, k)
                .parameter("b", -1, 1, k, n)
                .parameter("c", -1, 1, n)
                .node("MatMul", "ab", "a", "b")
                .node("Add", "y", "ab", "c"));
  }

  private void normalisations() {
    unary("Softmax", -1, 1);
    unary("Softmax", -1, 1, Map.of("axis", Attribute.of(0)));
    unary("LogSoftmax", -1, 1);
    cases.put(
        "LayerNormalization",
        g ->
            g.parameter("a", -1, 1, 3, 2, 5)
                .parameter("scale", .5, 1.5, 5)
                .parameter("bias", -1, 1, 5)
                .node("LayerNormalization", "y", "a", "scale", "bias"));
    cases.put(
        "RMSNormalization",
        g ->
            g.parameter("a", -1, 1, 3, 5)
                .parameter("scale", .5, 1.5, 5)
                .node("RMSNormalization", "y", "a", "scale"));
  }

  private void shapes() {
    cases.put(
        "Reshape by a computed shape",
        g ->
            g.parameter("a", -1, 1, 2, 3, 4)
                .constant("zero", TensorData.scalar(0L))
                .constant("axes", TensorData.vector(0))
                .constant("rest", TensorData.vector(-1))
                .node("Shape", "s", "a")
                .node("Gather", "b", "s", "zero")
                .node("Unsqueeze", "b1", "b", "axes")
                .node("Concat", "to", List.of("b1", "rest"), Map.of("axis", Attribute.of(0)))
                .node("Reshape", "y", "a", "to"));
    cases.put(
        "Transpose",
        g ->
            g.parameter("a", -1, 1, 2, 3, 4)
                .node("Transpose", "y", List.of("a"), Map.of("perm", Attribute.ints(2, 0, 1))));
    cases.put(
        "Squeeze and Unsqueeze",
        g ->
            g.parameter("a", -1, 1, 2, 1, 4)
                .constant("one", TensorData.vector(1))
                .constant("both", TensorData.vector(0, -1))
                .node("Squeeze", "b", "a", "one")
                .node("Unsqueeze", "y", "b", "both"));
    cases.put(
        "Expand",
        g ->
            g.parameter("a", -1, 1, 2, 1)
                .constant("to", TensorData.vector(3, 1, 4))
                .node("Expand", "y", "a", "to"));
    cases.put(
        "Tile",
        g ->
            g.parameter("a", -1, 1, 2, 3)
                .constant("times", TensorData.vector(2, 2))
                .node("Tile", "y", "a", "times"));
    cases.put(
        "Concat",
        g ->
            g.parameter("a", -1, 1, 2, 1)
                .parameter("b", -1, 1, 2, 3)
                .node("Concat", "y", List.of("a", "b"), Map.of("axis", Attribute.of(-1))));
    cases.put(
        "Split",
        g ->
            g.parameter("a", -1, 1, 2, 5)
                .node(
                    "",
                    "Split",
                    List.of("b", "c"),
                    List.of("a"),
                    Map.of("axis", ONE, "num_outputs", Attribute.of(2)))
                .node("Concat", "y", List.of("c", "b"), Map.of("axis", ONE)));
    cases.put("Flatten", g -> g.parameter("a", -1, 1, 2, 3, 4).node("Flatten", "y", "a"));
    cases.put(
        "Identity of a value that is read again",
        g ->
            g.parameter("a", -1, 1, 2, 3)
                .node("Tanh", "t", "a")
                .node("Identity", "i", "t")
                .node("Exp", "e", "t")
                .node("Mul", "y", "i", "e"));
  }

  private void indexing() {
    cases.put(
        "Gather of rows",
        g ->
            g.parameter("a", -1, 1, 5, 3)
                .constant("rows", TensorData.longs(Shape.of(2, 2), 0, -1, 3, 3))
                .node("Gather", "y", "a", "rows"));
    cases.put(
        "Gather along an axis",
        g ->
            g.parameter("a", -1, 1, 2, 5, 3)
                .constant("columns", TensorData.longs(Shape.of(2, 1), 4, -4))
                .node("Gather", "y", List.of("a", "columns"), Map.of("axis", ONE)));
    cases.put(
        "GatherElements",
        g ->
            g.parameter("a", -1, 1, 2, 4)
                .constant("at", TensorData.longs(Shape.of(2, 2), 0, -1, 2, 2))
                .node("GatherElements", "y", List.of("a", "at"), Map.of("axis", ONE)));
    cases.put(
        "Slice forwards and backwards",
        g ->
            g.parameter("a", -1, 1, 6, 7)
                .constant("starts", TensorData.vector(1, -1))
                .constant("ends", TensorData.vector(5, -9))
                .constant("axes", TensorData.vector(0, 1))
                .constant("steps", TensorData.vector(2, -3))
                .node("Slice", "y", "a", "starts", "ends", "axes", "steps"));
    cases.put(
        "Pad",
        g ->
            g.parameter("a", -1, 1, 2, 3)
                .constant("pads", TensorData.vector(1, 0, 0, 2))
                .constant("value", TensorData.scalar(.5f))
                .node("Pad", "y", "a", "pads", "value"));
    cases.put(
        "Trilu",
        g ->
            g.parameter("a", -1, 1, 4, 4)
                .node("Trilu", "y", List.of("a"), Map.of("upper", Attribute.of(0))));
    cases.put(
        "CumSum",
        g ->
            g.parameter("a", -1, 1, 3, 4)
                .constant("axis", TensorData.scalar(1L))
                .node("CumSum", "y", "a", "axis"));
    cases.put(
        "Cast and ConstantOfShape",
        g ->
            g.parameter("a", -1, 1, 3)
                .constant("shape", TensorData.vector(2, 3))
                .node("Cast", "b", List.of("a"), Map.of("to", ONE))
                .node(
                    "ConstantOfShape",
                    "k",
                    List.of("shape"),
                    Map.of("value", Attribute.of(TensorData.floats(Shape.of(1), 3f))))
                .node("Mul", "y", "b", "k"));
  }

  @Test
  void everyOperatorsGradientEqualsCentralDifferences() {
    elementwise();
    reductions();
    products();
    normalisations();
    shapes();
    indexing();

    var wrong = new ArrayList<String>();
    long seed = 100;
    for (var entry : cases.entrySet()) {
      var graph = new SmallGraph(++seed);
      entry.getValue().accept(graph);
      double error = error(graph.model("y"), seed);
      if (!(error <= RELATIVE)) {
        wrong.add("%s: relative error %.2e, seed %d".formatted(entry.getKey(), error, seed));
      }
    }

    assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
  }

  private static double error(Model model, long seed) {
    try (var graph = TorchGraph.of(model, TorchOptions.precise())) {
      return Derivatives.error(
          graph, Map.of(), Set.of("y"), values -> weighted(values.get("y")), seed);
    }
  }

  /** Weights tell transposed and permuted elements apart. */
  private static Tensor weighted(Tensor y) {
    Tensor weights = torch.arange(new org.bytedeco.pytorch.Scalar((double) y.numel()));
    return y.mul(torch.sin(weights).to(y.scalar_type()).reshape(Tensors.dims(y))).sum();
  }
}
