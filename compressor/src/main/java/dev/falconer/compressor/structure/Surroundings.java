package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.Constants;
import dev.falconer.compressor.layer.Found;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph, indexed.
 *
 * @param constants tensors that lie in the graph
 * @param fixed values that depend on constants alone
 * @param layers by the names of the nodes that multiply by them
 * @param leftAlone why a node's weight cannot be changed, by its name
 * @param outputs of the graph
 * @param captured values that bodies of nodes read
 * @param repeated names of several nodes
 */
record Surroundings(
    long opset,
    Map<String, TensorData> constants,
    Set<String> fixed,
    Shapes shapes,
    Map<String, Node> byName,
    Map<String, Node> producers,
    Map<String, List<Node>> consumers,
    Map<String, LinearLayer> layers,
    Map<String, String> leftAlone,
    Set<String> outputs,
    Set<String> captured,
    Set<String> repeated) {

  static Surroundings of(Model model, Found found, Shapes shapes) {
    Graph graph = model.graph();
    var layers = new HashMap<String, LinearLayer>();
    for (LinearLayer layer : found.layers()) {
      layer.taps().stream().map(Tap::node).forEach(node -> layers.put(node, layer));
    }
    var leftAlone = new HashMap<String, String>();
    found.leftAlone().forEach(each -> leftAlone.putIfAbsent(each.node(), each.reason()));
    var outputs = new HashSet<String>();
    graph.outputs().stream().map(ValueInfo::name).forEach(outputs::add);
    var captured = new HashSet<String>();
    var byName = new HashMap<String, Node>();
    var repeated = new HashSet<String>();
    for (Node node : graph.nodes()) {
      capture(node, captured);
      if (byName.put(node.name(), node) != null) {
        repeated.add(node.name());
      }
    }
    return new Surroundings(
        model.opset(),
        Constants.of(graph),
        Constants.fixed(graph, Set.of()),
        shapes,
        byName,
        graph.producers(),
        graph.consumers(),
        layers,
        leftAlone,
        outputs,
        captured,
        repeated);
  }

  /** Adds every name that a node's bodies read. */
  static void capture(Node node, Set<String> into) {
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.GraphAttr(Graph body)) {
        body.outputs().stream().map(ValueInfo::name).forEach(into::add);
        for (Node inner : body.nodes()) {
          into.addAll(inner.inputs());
          capture(inner, into);
        }
      }
    }
  }
}
