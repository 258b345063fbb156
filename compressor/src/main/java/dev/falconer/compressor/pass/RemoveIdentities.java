package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Removes nodes that hand on what they read: Identity, and Dropout outside training.
 *
 * <pre>
 * x ─ Identity ─ y ─ Relu ─ z        before
 * x ─ Relu ─ z                       after
 * </pre>
 *
 * An Identity that names an output is removed by letting the writer of its input write the output;
 * it stays when that input is a graph's input, a constant, or an output itself.
 */
public record RemoveIdentities() implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Map<String, String> renamed = outputsWrittenDirectly(graph);
    Set<String> outputs =
        graph.outputs().stream().map(output -> output.name()).collect(Collectors.toSet());
    var alias = new HashMap<String, String>();
    var nodes = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      String input = node.input(0);
      boolean hands = handsOn(node);
      if (hands && renamed.containsKey(input) && renamed.get(input).equals(node.output())) {
        continue;
      }
      if (hands && !outputs.contains(node.output())) {
        String source = alias.getOrDefault(input, renamed.getOrDefault(input, input));
        alias.put(node.output(), source);
        continue;
      }
      nodes.add(
          new Node(
              node.name(),
              node.domain(),
              node.type(),
              node.inputs().stream()
                  .map(value -> alias.getOrDefault(value, renamed.getOrDefault(value, value)))
                  .toList(),
              node.outputs().stream().map(value -> renamed.getOrDefault(value, value)).toList(),
              node.attributes(),
              node.metadata()));
    }
    return nodes.size() == graph.nodes().size() ? model : model.withGraph(graph.withNodes(nodes));
  }

  private static boolean handsOn(Node node) {
    boolean maskUnread = node.outputs().size() == 1 || node.outputs().get(1).isEmpty();
    return node.is("Identity") || (node.is("Dropout") && maskUnread);
  }

  private static Map<String, String> outputsWrittenDirectly(Graph graph) {
    var producers = graph.producers();
    var taken = new HashSet<String>();
    graph.outputs().forEach(output -> taken.add(output.name()));
    var renamed = new HashMap<String, String>();
    for (Node node : graph.nodes()) {
      boolean names = graph.outputs().stream().anyMatch(o -> o.name().equals(node.output()));
      Node producer = producers.get(node.input(0));
      if (handsOn(node)
          && names
          && producer != null
          && !handsOn(producer)
          && taken.add(node.input(0))) {
        renamed.put(node.input(0), node.output());
      }
    }
    return renamed;
  }
}
