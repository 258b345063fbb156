package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.Set;

/**
 * Removes nodes that change nothing at the lengths known: Expand, Reshape, Tile and Slice to the
 * shape they read, Cast to the type they read, Concat of one.
 *
 * <pre>
 * x [1, 8] ─ Expand [1, 1] ─ y ─ Relu ─ z        before
 * x [1, 8] ─ Relu ─ z                            after
 * </pre>
 */
public record RemoveNoOps(Roles roles, Layout layout) implements Pass {
  private static final Set<String> BY_SHAPE = Set.of("Expand", "Reshape", "Tile");

  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (changesNothing(node, analysis)) {
        rewrite.replace(node.output(), rewrite.now(node.input(0)));
      } else {
        rewrite.keep(node);
      }
    }
    return model.withGraph(rewrite.done());
  }

  private static boolean changesNothing(Node node, Analysis analysis) {
    if (node.is("Concat")) {
      return node.inputs().size() == 1;
    }
    if (node.is("Cast")) {
      return analysis.get(node.input(0)).dtype() == analysis.get(node.output()).dtype();
    }
    boolean forward = node.is("Slice") && node.input(4).isEmpty();
    return (BY_SHAPE.contains(node.type()) || forward)
        && analysis.get(node.input(0)).sameLengths(analysis.get(node.output()));
  }
}
