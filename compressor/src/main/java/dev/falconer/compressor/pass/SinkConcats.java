package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps different parties' parts apart through elementwise operators, and adds up sums part by
 * part.
 *
 * <pre>
 * user ──────┐                                         before
 * candidate ─ Concat ─ Mul(x, x) ─ ReduceSum ─ y
 * user ─ Mul ─ ReduceSum ─────┐                        after
 * candidate ─ Mul ─ ReduceSum ─ Add ─ y
 * </pre>
 */
public record SinkConcats(Roles roles, Layout layout) implements Pass {
  private static final Set<String> UNARY =
      Set.of(
          "Relu",
          "Sigmoid",
          "Tanh",
          "Neg",
          "Abs",
          "Sqrt",
          "Exp",
          "Log",
          "Erf",
          "Gelu",
          "LeakyRelu",
          "Elu",
          "Softplus");

  private static final Set<String> BINARY = Set.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min");

  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var producers = graph.producers();
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      Node concat = mixedConcat(node, producers, analysis);
      if (concat == null || !sunk(node, concat, graph, analysis, rewrite)) {
        rewrite.keep(node);
      }
    }
    return model.withGraph(rewrite.done());
  }

  private static @Nullable Node mixedConcat(
      Node node, Map<String, Node> producers, Analysis analysis) {
    for (String input : node.inputs()) {
      Node concat = producers.get(input);
      if (concat != null
          && concat.is("Concat")
          && concat.inputs().stream()
                  .map(part -> analysis.get(part).colour())
                  .filter(colour -> colour != Colour.CONSTANT)
                  .distinct()
                  .count()
              > 1
          && analysis.get(input).values() == null) {
        return concat;
      }
    }
    return null;
  }

  private static boolean sunk(
      Node node, Node concat, Graph graph, Analysis analysis, Rewrite rewrite) {
    String joined = concat.output();
    int rank = analysis.get(joined).rank();
    long given = concat.intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + rank : given);
    if (node.is("ReduceSum")) {
      return reduced(node, concat, axis, graph, analysis, rewrite);
    }
    boolean same = node.inputs().stream().allMatch(joined::equals);
    boolean apart =
        node.inputs().stream()
            .allMatch(
                input -> input.equals(joined) || oneAlong(analysis.get(input), rank - axis, rank));
    boolean fits = (UNARY.contains(node.type()) && same) || (BINARY.contains(node.type()) && apart);
    if (!fits) {
      return false;
    }
    var parts = new ArrayList<String>();
    for (String part : concat.inputs()) {
      var operands =
          node.inputs().stream().map(input -> input.equals(joined) ? part : input).toList();
      parts.add(rewrite.add(node.output() + "#part", node.type(), node.attributes(), operands));
    }
    rewrite.replace(
        node.output(),
        rewrite.add(node.output() + "#parts", "Concat", Map.of("axis", Attribute.of(axis)), parts));
    return true;
  }

  /** Returns whether an operand is the same for all parts: length 1 along the axis. */
  private static boolean oneAlong(Known operand, int fromRight, int rank) {
    int own = operand.rank() - fromRight;
    return operand.rank() <= rank && (own < 0 || operand.axis(own).isOne());
  }

  private static boolean reduced(
      Node node, Node concat, int axis, Graph graph, Analysis analysis, Rewrite rewrite) {
    int rank = analysis.get(concat.output()).rank();
    if (!(graph.initializers().get(node.input(1)) instanceof NumericTensor axes)
        || axes.shape().size() != 1
        || (axes.longAt(0) + rank) % rank != axis) {
      return false;
    }
    List<String> sums =
        concat.inputs().stream()
            .map(part ->
                rewrite.add(
                    node.output() + "#part",
                    "ReduceSum",
                    node.attributes(),
                    List.of(part, node.input(1))))
            .toList();
    String sum = sums.getFirst();
    for (String next : sums.subList(1, sums.size())) {
      sum = rewrite.add(node.output() + "#sum", "Add", Map.of(), List.of(sum, next));
    }
    rewrite.replace(node.output(), sum);
    return true;
  }
}
