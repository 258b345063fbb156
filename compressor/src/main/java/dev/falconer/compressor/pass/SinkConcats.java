package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;

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
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    var sinking = new Sinking(graph, analysis, rewrite, layout.rows());
    for (Node node : graph.nodes()) {
      if (sinking.sunk(node)) {
        continue;
      }
      rewrite.keep(node);
      if (node.is("Concat") && analysis.get(node.output()).values() == null) {
        sinking.found(node);
      }
    }
    return model.withGraph(rewrite.done());
  }
}
