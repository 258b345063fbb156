package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes selections by masks that are always true or always false.
 *
 * <pre>
 * mask (always true) ─ And ─ Where(·, x, -inf) ─ y       before
 * causal ──────────────┘
 * causal ─ Where(·, x, -inf) ─ y                         after
 * </pre>
 *
 * A side is taken only when it has the result's shape by itself; axes of length 1 in front may be
 * missing where every reader broadcasts.
 */
public record FoldMasks(Roles roles, Layout layout) implements Pass {
  private static final Set<String> SELECTS = Set.of("Where", "And", "Or");

  private static final Set<String> BROADCASTS =
      Set.of("Where", "And", "Or", "Add", "Sub", "Mul", "Div", "Min", "Max");

  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    if (graph.nodes().stream().noneMatch(node -> SELECTS.contains(node.type()))) {
      return model;
    }
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    var consumers = graph.consumers();
    Set<String> outputs = new HashSet<>();
    graph.outputs().forEach(output -> outputs.add(output.name()));
    for (Node node : graph.nodes()) {
      String taken = taken(node, analysis);
      boolean broadcast =
          !outputs.contains(node.output())
              && consumers.getOrDefault(node.output(), List.of()).stream()
                  .allMatch(reader -> BROADCASTS.contains(reader.type()));
      if (taken != null && fits(analysis.get(taken), analysis.get(node.output()), broadcast)) {
        rewrite.replace(node.output(), rewrite.now(taken));
      } else {
        rewrite.keep(node);
      }
    }
    return model.withGraph(rewrite.done());
  }

  private static boolean fits(Known taken, Known result, boolean broadcast) {
    if (taken.sameLengths(result)) {
      return true;
    }
    int missing = result.rank() - taken.rank();
    return broadcast
        && missing > 0
        && result.axes().subList(0, missing).stream().allMatch(Axis::isOne)
        && taken.sameLengths(
            Known.of(
                result.dtype(), result.axes().subList(missing, result.rank()), result.colour()));
  }

  private static @Nullable String taken(Node node, Analysis analysis) {
    return switch (node.type()) {
      case "Where" -> {
        Known condition = analysis.get(node.input(0));
        yield condition.alwaysTrue()
            ? node.input(1)
            : condition.alwaysFalse() ? node.input(2) : null;
      }
      case "And" -> without(node, analysis, true);
      case "Or" -> without(node, analysis, false);
      default -> null;
    };
  }

  /** Returns the other operand of a neutral one. */
  private static @Nullable String without(Node node, Analysis analysis, boolean neutral) {
    for (int i = 0; i < 2; i++) {
      Known operand = analysis.get(node.input(i));
      if (neutral ? operand.alwaysTrue() : operand.alwaysFalse()) {
        return node.input(1 - i);
      }
    }
    return null;
  }
}
