package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.List;

/** The part of a graph that an operator without a rule does not stand in yet. */
final class Prefix {
  private Prefix() {}

  /** Returns the model without a node, those after it, empty sequences and outputs. */
  static Model before(Model model, Node node) {
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.inputs(),
            List.of(),
            graph.initializers(),
            graph.nodes().subList(0, graph.nodes().indexOf(node)).stream()
                .filter(earlier -> !earlier.is("SequenceEmpty"))
                .toList()));
  }
}
