package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Products part by part: rows of the left, columns of the right, and the axis summed away as a sum
 * of products. Parts of zeros add nothing.
 *
 * <pre>
 * P [m, n+1] ─ MatMul ─ y               before: V joins the history's values with the candidate's
 * V [n+1, d] ─┘
 * P[:, :n] ─ MatMul V_user ─┐           after
 * P[:, n:] ─ MatMul V_own ── Add ─ y
 * </pre>
 */
final class SinkProducts implements SinkRule {
  @Override
  public boolean takes(Node node) {
    return node.is("MatMul");
  }

  @Override
  public Optional<String> apply(Step step, Sinking graph) {
    String a = step.inputs().get(0);
    String b = step.inputs().get(1);
    int rankA = graph.value(a).rank();
    int rankB = graph.value(b).rank();
    if (rankA < 2 || rankB < 2) {
      return Optional.empty();
    }
    Parts left = graph.parts(a);
    Parts right = graph.parts(b);
    if (left != null && left.axis() == rankA - 2) {
      return rows(step, left, graph);
    }
    if (right != null && right.axis() == rankB - 1) {
      return columns(step, right, graph);
    }
    if (right != null && right.axis() == rankB - 2) {
      return summed(step, a, b, right, left, graph);
    }
    if (left != null && left.axis() == rankA - 1) {
      boolean zeros = left.names().stream().anyMatch(part -> graph.value(part).isFilled(0));
      return zeros && graph.constant(b) == null
          ? summed(step, a, b, left, left, graph)
          : Optional.empty();
    }
    return batches(step, a, b, left, right, graph);
  }

  private static Optional<String> rows(Step step, Parts left, Sinking graph) {
    var results = new ArrayList<String>();
    for (int i = 0; i < left.count(); i++) {
      var operands = List.of(left.names().get(i), step.inputs().get(1));
      results.add(graph.write(step.on(operands, step.rank() - 2, left.lengths().get(i))));
    }
    return Optional.of(graph.join(step.base(), step.rank() - 2, results));
  }

  private static Optional<String> columns(Step step, Parts right, Sinking graph) {
    var results = new ArrayList<String>();
    for (int i = 0; i < right.count(); i++) {
      var operands = List.of(step.inputs().get(0), right.names().get(i));
      results.add(graph.write(step.on(operands, step.rank() - 1, right.lengths().get(i))));
    }
    return Optional.of(graph.join(step.base(), step.rank() - 1, results));
  }

  /** Writes the product as a sum over the parts of the axis that it sums away. */
  private static Optional<String> summed(
      Step step, String a, String b, Parts parts, @Nullable Parts left, Sinking graph) {
    int rankA = graph.value(a).rank();
    int rankB = graph.value(b).rank();
    boolean leftInParts =
        left != null && left.axis() == rankA - 1 && left.lengths().equals(parts.lengths());
    Parts right = graph.parts(b);
    boolean rightInParts =
        right != null && right.axis() == rankB - 2 && right.lengths().equals(parts.lengths());
    boolean zeros =
        leftInParts
            && left != null
            && left.names().stream().anyMatch(part -> graph.value(part).isFilled(0));
    if (!zeros && !graph.mixed(parts.names())) {
      return Optional.empty();
    }
    String sum = "";
    for (int i = 0; i < parts.count(); i++) {
      String x =
          leftInParts && left != null
              ? left.names().get(i)
              : graph.piece(step.base(), a, rankA - 1, parts, i);
      boolean last = i == parts.count() - 1 && sum.isEmpty();
      if (graph.value(x).isFilled(0) && !last) {
        continue;
      }
      String y =
          rightInParts && right != null
              ? right.names().get(i)
              : graph.piece(step.base(), b, rankB - 2, parts, i);
      String term =
          graph.write(new Step(step.node(), step.base() + "#term", List.of(x, y), step.lengths()));
      sum =
          sum.isEmpty()
              ? term
              : graph.add(
                  step.base() + "#sum", "Add", Map.of(), List.of(sum, term), step.lengths(), null);
    }
    return Optional.of(sum);
  }

  /** Writes products of tensors in parts along an axis that both share or one has alone. */
  private static Optional<String> batches(
      Step step, String a, String b, @Nullable Parts left, @Nullable Parts right, Sinking graph) {
    Parts parts = left == null ? right : left;
    if (parts == null) {
      return Optional.empty();
    }
    String owner = left == null ? b : a;
    int fromRight = graph.value(owner).rank() - parts.axis();
    for (String operand : List.of(a, b)) {
      if (SinkElementwise.operand(operand, parts, fromRight, graph)
          == SinkElementwise.Operand.WHOLE) {
        return Optional.empty();
      }
    }
    int axis = step.rank() - fromRight;
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      Poly length = parts.lengths().get(i);
      var operands =
          List.of(
              SinkElementwise.part(step, a, parts, fromRight, i, graph),
              SinkElementwise.part(step, b, parts, fromRight, i, graph));
      results.add(graph.write(step.on(operands, axis, length)));
    }
    return Optional.of(graph.join(step.base(), axis, results));
  }
}
