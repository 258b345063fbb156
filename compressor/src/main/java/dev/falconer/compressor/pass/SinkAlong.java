package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Softmax, normalisation and reductions work part by part along other axes. Along the parts' own
 * axis sums are added up, and a softmax leaves out columns that are minus infinity.
 */
final class SinkAlong implements SinkRule {
  private static final Map<String, String> JOINED_BY =
      Map.of("ReduceSum", "Add", "ReduceMax", "Max", "ReduceMin", "Min");

  @Override
  public boolean takes(Node node) {
    return node.is("Softmax")
        || node.is("LogSoftmax")
        || node.is("LayerNormalization")
        || node.type().startsWith("Reduce");
  }

  @Override
  public Optional<String> apply(Step step, Sinking graph) {
    String x = step.inputs().getFirst();
    Parts parts = graph.parts(x);
    if (parts == null) {
      return Optional.empty();
    }
    int rank = graph.value(x).rank();
    if (step.node().type().startsWith("Reduce")) {
      return reduced(step, parts, rank, graph);
    }
    long given = step.node().intAttribute("axis", -1);
    long axis = given < 0 ? given + rank : given;
    boolean normalises = step.node().is("LayerNormalization");
    if (normalises ? parts.axis() < axis : parts.axis() != axis) {
      return SinkRule.onEach(step, parts, parts.axis(), graph);
    }
    return step.node().is("Softmax") ? withoutMasked(step, parts, graph) : Optional.empty();
  }

  /** Takes the softmax of the columns that are not minus infinity; the others get zeros. */
  private static Optional<String> withoutMasked(Step step, Parts parts, Sinking graph) {
    int from = -1;
    int to = -1;
    for (int i = 0; i < parts.count(); i++) {
      if (!graph.value(parts.names().get(i)).isFilled(Double.NEGATIVE_INFINITY)) {
        if (from >= 0 && to != i) {
          return Optional.empty();
        }
        from = from < 0 ? i : from;
        to = i + 1;
      }
    }
    if (from < 0 || to - from == parts.count()) {
      return Optional.empty();
    }
    List<String> seen = parts.names().subList(from, to);
    Poly width = parts.lengths().subList(from, to).stream().reduce(Poly.ZERO, Poly::plus);
    String joined = graph.join(step.base(), parts.axis(), seen);
    Step rest = step.on(List.of(joined), parts.axis(), width);
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      String part = parts.names().get(i);
      if (i == from) {
        results.add(graph.write(rest));
      } else if (i < from || i >= to) {
        results.add(
            graph.add(
                step.base() + "#masked",
                "Exp",
                Map.of(),
                List.of(part),
                graph.value(part).lengths(),
                0f));
      }
    }
    return Optional.of(graph.join(step.base(), parts.axis(), results));
  }

  private static Optional<String> reduced(Step step, Parts parts, int rank, Sinking graph) {
    NumericTensor axes = step.inputs().size() < 2 ? null : graph.constant(step.inputs().get(1));
    if (axes == null || axes.shape().size() == 0) {
      return Optional.empty();
    }
    boolean keeps = step.node().intAttribute("keepdims", 1) == 1;
    boolean own = false;
    int before = 0;
    for (long given : axes.toLongs()) {
      long axis = given < 0 ? given + rank : given;
      own |= axis == parts.axis();
      before += axis < parts.axis() ? 1 : 0;
    }
    if (!own) {
      return SinkRule.onEach(step, parts, keeps ? parts.axis() : parts.axis() - before, graph);
    }
    return JOINED_BY.containsKey(step.node().type()) && graph.mixed(parts.names())
        ? Optional.of(total(step, step.node().type(), parts, graph))
        : mean(step, parts, rank, axes, graph);
  }

  private static String total(Step step, String type, Parts parts, Sinking graph) {
    Node node =
        new Node(
            step.node().name(),
            "",
            type,
            step.node().inputs(),
            step.node().outputs(),
            step.node().attributes(),
            step.node().metadata());
    String sum = "";
    for (String part : parts.names()) {
      var operands = List.of(part, step.inputs().get(1));
      String term = graph.write(new Step(node, step.base() + "#part", operands, step.lengths()));
      sum =
          sum.isEmpty()
              ? term
              : graph.add(
                  step.base() + "#sum",
                  java.util.Objects.requireNonNull(JOINED_BY.get(type)),
                  Map.<String, Attribute>of(),
                  List.of(sum, term),
                  step.lengths(),
                  null);
    }
    return sum;
  }

  /** Writes a mean over a known number of elements as a sum. */
  private static Optional<String> mean(
      Step step, Parts parts, int rank, NumericTensor axes, Sinking graph) {
    Poly count = Poly.ONE;
    Value in = graph.value(step.inputs().getFirst());
    for (long given : axes.toLongs()) {
      count = count.times(in.length((int) (given < 0 ? given + rank : given)));
    }
    DType dtype = graph.dtype(step.node());
    if (!step.node().is("ReduceMean")
        || (dtype != DType.FLOAT32 && dtype != DType.FLOAT64)
        || !count.isInteger()
        || count.is(0)
        || !graph.mixed(parts.names())) {
      return Optional.empty();
    }
    String sum = total(step, "ReduceSum", parts, graph);
    String share =
        graph.constant(
            "#share." + count,
            dtype == DType.FLOAT64
                ? TensorData.doubles(Shape.of(), 1.0 / count.integer())
                : TensorData.scalar(1f / count.integer()));
    return Optional.of(
        graph.add(
            step.base() + "#mean", "Mul", Map.of(), List.of(sum, share), step.lengths(), null));
  }
}
