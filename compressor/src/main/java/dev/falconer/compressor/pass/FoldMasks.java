package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
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
 * A side is taken only when it has the result's shape by itself.
 */
public record FoldMasks(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      String taken = taken(node, analysis);
      if (taken != null && analysis.get(taken).sameLengths(analysis.get(node.output()))) {
        rewrite.replace(node.output(), rewrite.now(taken));
      } else {
        rewrite.keep(node);
      }
    }
    return model.withGraph(rewrite.done());
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
