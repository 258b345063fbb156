package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows control flow that no data decides: If with a known condition, and the Loop that exporters
 * write for an embedding bag.
 *
 * <pre>
 * x ─ Shape ─ Equal 1 ─ If(then: Squeeze x, else: x) ─ y         before
 * x ─ Squeeze ─ y                                                after
 *
 * ids [m·n] ─ Loop(Slice ids, Gather table, ReduceMean) ─ y      before
 * ids ─ Reshape [m, n] ─ Gather table ─ ReduceMean 1 ─ y         after
 * </pre>
 *
 * Other control flow stays, and is refused by the rules.
 */
public record InlineControl(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Model current = model;
    Set<String> left = new HashSet<>();
    while (true) {
      Node next =
          current.graph().nodes().stream()
              .filter(node -> (node.is("If") || node.is("Loop")) && !left.contains(node.name()))
              .findFirst()
              .orElse(null);
      if (next == null) {
        return current;
      }
      Analysis analysis = Analysis.of(Prefix.before(current, next), roles, layout);
      Graph inlined =
          next.is("If")
              ? branch(current.graph(), next, analysis)
              : new BagLoop(current, next, analysis).inlined();
      if (inlined == null) {
        return current;
      }
      current = new RemoveDead().run(current.withGraph(inlined));
    }
  }

  private static @Nullable Graph branch(Graph graph, Node choice, Analysis analysis) {
    List<Poly> values = analysis.get(choice.input(0)).values();
    if (values == null || values.size() != 1 || !values.getFirst().isInteger()) {
      return null;
    }
    String taken = values.getFirst().is(0) ? "else_branch" : "then_branch";
    if (!(choice.attributes().get(taken) instanceof Attribute.GraphAttr(Graph body))) {
      return null;
    }
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (!node.equals(choice)) {
        rewrite.keep(node);
        continue;
      }
      body.initializers().forEach(rewrite::define);
      body.nodes().forEach(rewrite::keep);
      for (int i = 0; i < choice.outputs().size(); i++) {
        rewrite.replace(choice.outputs().get(i), body.outputs().get(i).name());
      }
    }
    return rewrite.done();
  }
}
