package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The part of a graph that the rules follow: without the nodes that they refuse, and without what
 * needs these.
 */
record Followed(Model model, Analysis analysis) {
  static Followed of(Model model, Roles roles, Layout layout) {
    Model rest = model;
    while (true) {
      try {
        return new Followed(rest, Analysis.of(rest, roles, layout));
      } catch (SplitRefusal refusal) {
        rest = model.withGraph(without(rest.graph(), refusal.node()));
      }
    }
  }

  /** Returns the graph without the named node; without any where none is named. */
  private static Graph without(Graph graph, String node) {
    if (node.isEmpty()) {
      return graph.withNodes(List.of());
    }
    var lost = new HashSet<String>();
    var kept = new ArrayList<Node>();
    for (Node each : graph.nodes()) {
      if (each.name().equals(node) || each.inputs().stream().anyMatch(lost::contains)) {
        lost.addAll(each.outputs());
        lost.remove("");
      } else {
        kept.add(each);
      }
    }
    return graph.withNodes(kept);
  }
}
