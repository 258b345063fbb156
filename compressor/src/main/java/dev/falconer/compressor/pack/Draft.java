package dev.falconer.compressor.pack;

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

/** A graph being written anew, node by node; values keep their names. */
final class Draft {
  private final Graph old;
  private final Map<String, TensorData> initializers;
  private final Map<String, String> added = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final List<Node> nodes = new ArrayList<>();

  Draft(Graph old) {
    this.old = old;
    initializers = new LinkedHashMap<>(old.initializers());
    names.addAll(initializers.keySet());
    old.inputs().forEach(input -> names.add(input.name()));
    for (Node node : old.nodes()) {
      names.add(node.name());
      names.addAll(node.outputs());
    }
  }

  void keep(Node node) {
    nodes.add(node);
  }

  /** Returns a name not in use that begins with the given one. */
  String fresh(String base) {
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "." + i;
    }
    return name;
  }

  /** Adds a constant and returns its name; an equal one added under the name is used again. */
  String constant(String base, TensorData value) {
    String before = added.get(base);
    if (before != null && value.equals(initializers.get(before))) {
      return before;
    }
    String name = fresh(base);
    added.put(base, name);
    initializers.put(name, value);
    return name;
  }

  /** Adds a node of ONNX's own domain and returns its result, both of a new name. */
  String add(String base, String type, Map<String, Attribute> attributes, String... inputs) {
    String name = fresh(base);
    write(name, name, "", type, attributes, List.of(inputs));
    return name;
  }

  /** Adds a node that writes a given value. */
  void write(
      String output,
      String name,
      String domain,
      String type,
      Map<String, Attribute> attributes,
      List<String> inputs) {
    nodes.add(new Node(name, domain, type, inputs, List.of(output), attributes, Map.of()));
  }

  Graph done() {
    return new Graph(old.name(), old.inputs(), old.outputs(), initializers, nodes);
  }
}
