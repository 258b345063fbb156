package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Names the axes that a Squeeze drops, where it drops all of length 1: those that are always 1,
 * never the rows, of which there may be one.
 *
 * <pre>
 * x [B, 1] ─ Squeeze ─ y           before: y has no axis where B is 1
 * x [B, 1] ─ Squeeze [1] ─ y       after
 * </pre>
 */
public record NameSqueezedAxes(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    if (graph.nodes().stream().noneMatch(NameSqueezedAxes::dropsAnyOne)) {
      return model;
    }
    Analysis analysis = Analysis.of(model, roles, layout);
    var constants = new LinkedHashMap<>(graph.initializers());
    var nodes = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      if (!dropsAnyOne(node)) {
        nodes.add(node);
        continue;
      }
      List<Axis> axes = analysis.get(node.input(0)).axes();
      long[] ones =
          IntStream.range(0, axes.size())
              .filter(axis -> axes.get(axis).isOne())
              .mapToLong(axis -> axis)
              .toArray();
      String name = node.output() + "#axes";
      constants.put(name, TensorData.vector(ones));
      nodes.add(node.withInputs(List.of(node.input(0), name)));
    }
    return model.withGraph(graph.withInitializers(constants).withNodes(nodes));
  }

  private static boolean dropsAnyOne(Node node) {
    return node.is("Squeeze") && node.input(1).isEmpty() && !node.attributes().containsKey("axes");
  }
}
