package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Removes nodes and constants that no output depends on. Declared inputs stay.
 *
 * <pre>
 * x ─┬ Relu ─ output                 before
 *    └ Exp ─ unread
 * x ── Relu ─ output                 after
 * </pre>
 */
public record RemoveDead() implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Set<String> read = new HashSet<>();
    graph.outputs().forEach(output -> read.add(output.name()));
    var kept = new ArrayList<Node>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(read::contains)) {
        kept.add(node);
        read(node, read);
      }
    }
    Map<String, TensorData> constants = new LinkedHashMap<>(graph.initializers());
    constants.keySet().retainAll(read);
    if (kept.size() == graph.nodes().size() && constants.size() == graph.initializers().size()) {
      return model;
    }
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), graph.outputs(), constants, kept.reversed()));
  }

  private static void read(Node node, Set<String> read) {
    read.addAll(node.inputs());
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.GraphAttr(Graph body)) {
        body.nodes().forEach(inner -> read(inner, read));
        body.outputs().forEach(output -> read.add(output.name()));
      }
    }
  }
}
