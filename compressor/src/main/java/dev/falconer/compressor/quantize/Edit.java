package dev.falconer.compressor.quantize;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph being written anew, node by node in the old order; values keep their names. */
final class Edit {
  private final Model model;
  private final Map<String, TensorData> initializers;
  private final Map<String, String> added = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** Starts with the model's inputs and constants, and no node. */
  Edit(Model model) {
    this.model = model;
    Graph graph = model.graph();
    initializers = new LinkedHashMap<>(graph.initializers());
    names.addAll(initializers.keySet());
    graph.inputs().forEach(input -> names.add(input.name()));
    for (Node node : graph.nodes()) {
      names.add(node.name());
      names.addAll(node.outputs());
    }
  }

  /** Adds a node as it is. */
  void keep(Node node) {
    nodes.add(node);
  }

  /**
   * Adds a constant and returns its name; one that this edit added under the name is used again.
   */
  String constant(String name, TensorData value) {
    String before = added.get(name);
    if (before != null && value.equals(initializers.get(before))) {
      return before;
    }
    String unique = fresh(name);
    added.put(name, unique);
    initializers.put(unique, value);
    return unique;
  }

  /** Adds a node of ONNX's own domain and returns its output, both named as given or like it. */
  String add(String name, String type, Map<String, Attribute> attributes, String... inputs) {
    String unique = fresh(name);
    write(unique, unique, "", type, attributes, inputs);
    return unique;
  }

  /** Adds a node that writes a given value. */
  void write(
      String output,
      String name,
      String domain,
      String type,
      Map<String, Attribute> attributes,
      String... inputs) {
    nodes.add(
        new Node(name, domain, type, Arrays.asList(inputs), List.of(output), attributes, Map.of()));
  }

  /** Returns a name not in use that begins with the given one. */
  String fresh(String base) {
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "." + i;
    }
    return name;
  }

  /** Returns the model without what nobody reads any more. */
  Model done() {
    Graph old = model.graph();
    return new RemoveDead()
        .apply(
            model.withGraph(
                new Graph(old.name(), old.inputs(), old.outputs(), initializers, nodes)));
  }
}
