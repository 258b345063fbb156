package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;

/**
 * Writes down integers that follow from known lengths.
 *
 * <pre>
 * x [1, n, 64] ─ Shape ─ Gather 2 ─ d        before
 * 64 ─ d                                     after
 * </pre>
 */
public record FoldShapes(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      Known known = node.outputs().size() == 1 ? analysis.get(node.output()) : null;
      List<Poly> values = known == null ? null : known.values();
      if (known == null
          || values == null
          || known.dtype() != DType.INT64
          || !values.stream().allMatch(Poly::isInteger)) {
        rewrite.keep(node);
        continue;
      }
      long[] elements = values.stream().mapToLong(Poly::integer).toArray();
      Shape shape = known.rank() == 0 ? Shape.of() : Shape.of(elements.length);
      rewrite.define(node.output(), TensorData.longs(shape, elements));
    }
    return model.withGraph(rewrite.done());
  }
}
