package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.pack.PackReport.Left;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Says which products and softmaxes of a graph are in no piece, and why. */
final class LeftAlone {
  private LeftAlone() {}

  static List<Left> of(Facts facts, Set<String> taken) {
    Graph graph = facts.model().graph();
    Map<String, String> reasons = new HashMap<>();
    LinearLayers.find(graph, Set.of())
        .leftAlone()
        .forEach(left -> reasons.put(left.node(), left.reason()));
    var left = new ArrayList<Left>();
    for (Node node : graph.nodes()) {
      Weight layer = facts.weights().get(node.name());
      boolean isThere = reasons.containsKey(node.name()) || layer != null || node.is("Softmax");
      if (isThere && node.outputs().stream().noneMatch(taken::contains)) {
        String reason = layer == null ? reasons.get(node.name()) : reason(facts, node, layer);
        left.add(
            new Left(
                node.name(), node.type(), reason == null ? "attention of another form" : reason));
      }
    }
    return left;
  }

  private static String reason(Facts facts, Node node, Weight layer) {
    Optional<List<Poly>> lengths = facts.lengths(node.input(0));
    if (lengths.isEmpty()) {
      return "the shape of what it multiplies is unknown";
    }
    if (Arrangement.ofRows(lengths.get()).hasRows()) {
      return layer.out() < Chains.FEWEST
          ? "%d outputs, fewer than %d".formatted(layer.out(), Chains.FEWEST)
          : "what it multiplies, or adds, is of another form";
    }
    return "it multiplies one row";
  }
}
