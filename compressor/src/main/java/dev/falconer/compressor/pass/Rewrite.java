package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph being written anew, node by node in the old order. Values may be replaced: whoever reads
 * the old one from then on reads the new one. Outputs keep their names.
 */
public final class Rewrite {
  private final Graph graph;
  private final Map<String, TensorData> initializers;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, String> replaced = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private boolean changed;

  /** Starts with the graph's inputs, constants and no node. */
  public Rewrite(Graph graph) {
    this.graph = graph;
    this.initializers = new LinkedHashMap<>(graph.initializers());
    names.addAll(graph.initializers().keySet());
    graph.inputs().forEach(input -> names.add(input.name()));
    for (Node node : graph.nodes()) {
      names.add(node.name());
      names.addAll(node.outputs());
    }
  }

  /** Returns a name not in use that begins with the given one. */
  public String fresh(String base) {
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "." + i;
    }
    return name;
  }

  /** Returns what stands now for a value of the old graph. */
  public String now(String value) {
    String current = value;
    while (replaced.containsKey(current)) {
      current = replaced.get(current);
    }
    return current;
  }

  /** Lets later readers of one value read another. */
  public void replace(String value, String by) {
    changed = true;
    replaced.put(value, by);
  }

  /** Keeps a node of the old graph. */
  public void keep(Node node) {
    List<String> inputs = node.inputs().stream().map(this::now).toList();
    nodes.add(inputs.equals(node.inputs()) ? node : node.withInputs(inputs));
  }

  /** Adds a node with one output, both named after {@code base}, and returns the output. */
  public String add(
      String base, String type, Map<String, Attribute> attributes, List<String> inputs) {
    changed = true;
    String output = fresh(base);
    nodes.add(
        Node.of(
            output, type, inputs.stream().map(this::now).toList(), List.of(output), attributes));
    return output;
  }

  /** Adds a constant and returns its name. An equal one of that name is used again. */
  public String constant(String base, TensorData value) {
    if (value.equals(initializers.get(base))) {
      return base;
    }
    changed = true;
    String name = fresh(base);
    initializers.put(name, value);
    return name;
  }

  /** Makes a value of the old graph, whose node is left out, a constant of the same name. */
  public void define(String value, TensorData constant) {
    changed = true;
    initializers.put(value, constant);
  }

  /** Notes that a node was left out. */
  public void drop() {
    changed = true;
  }

  /** Returns the new graph, or the old one when nothing was changed. */
  public Graph done() {
    if (!changed) {
      return graph;
    }
    var all = new ArrayList<>(nodes);
    for (var output : graph.outputs()) {
      String now = now(output.name());
      if (!now.equals(output.name())) {
        all.add(
            Node.of(
                fresh(output.name() + "#out"),
                "Identity",
                List.of(now),
                List.of(output.name()),
                Map.of()));
      }
    }
    return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, all);
  }
}
