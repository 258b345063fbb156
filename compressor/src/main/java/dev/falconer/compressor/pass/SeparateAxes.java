package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;

/**
 * Keeps named lengths on axes of their own, whatever an exporter merged them into.
 *
 * <pre>
 * x [m, n, 8] ─ Reshape [m·n, 8] ─ MatMul ─ Reshape [m, n, 4] ─ y        before
 * x [m, n, 8] ─ MatMul ─ y                                               after
 * </pre>
 *
 * So parts along the history stay parts, and what is repeated for every row is stored once. Where
 * an operator has no rule for separate axes, they are merged before it.
 */
public record SeparateAxes(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    var separating = new Separating(analysis, rewrite);
    for (Node node : graph.nodes()) {
      if (!separating.separated(node)) {
        node.inputs().forEach(separating::merge);
        rewrite.keep(node);
      }
    }
    graph.outputs().forEach(output -> separating.merge(output.name()));
    return model.withGraph(rewrite.done());
  }
}
