package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph whose constants are being replaced. */
final class Draft {
  /** A node's input. */
  record Use(String node, int input) {}

  private final Graph old;
  private final Map<String, TensorData> initializers;
  private final List<Node> nodes;
  private final Set<String> names = new HashSet<>();
  private final Set<String> pinned = new HashSet<>();

  Draft(Graph graph) {
    old = graph;
    initializers = new LinkedHashMap<>(graph.initializers());
    nodes = new ArrayList<>(graph.nodes());
    names.addAll(initializers.keySet());
    graph.inputs().stream().map(ValueInfo::name).forEach(names::add);
    graph.outputs().stream().map(ValueInfo::name).forEach(pinned::add);
    for (Node node : nodes) {
      names.add(node.name());
      names.addAll(node.outputs());
      Surroundings.capture(node, pinned);
    }
  }

  Graph graph() {
    return new Graph(old.name(), old.inputs(), old.outputs(), initializers, nodes);
  }

  private int index(String name) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("the graph has no node \"" + name + "\"");
  }

  Node node(String name) {
    return nodes.get(index(name));
  }

  private Node writer(String value) {
    return nodes.stream()
        .filter(node -> node.outputs().contains(value))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nothing writes \"" + value + "\""));
  }

  NumericTensor constant(String name) {
    TensorData value = initializers.get(name);
    if (value == null
        && writer(name).attributes().get("value") instanceof Attribute.TensorAttr(TensorData own)) {
      value = own;
    }
    if (value instanceof NumericTensor numbers) {
      return numbers;
    }
    throw new IllegalArgumentException("the graph has no constant \"" + name + "\"");
  }

  /** Replaces a constant where some inputs read it; in place where nothing else does. */
  void replace(String name, NumericTensor value, Collection<Use> uses) {
    if (pinned.contains(name) || !uses.containsAll(uses(name))) {
      String own = constant(name, value);
      uses.forEach(use -> redirect(use, own));
    } else if (initializers.containsKey(name)) {
      initializers.put(name, value);
    } else {
      setAttribute(writer(name).name(), "value", Attribute.of(value));
    }
  }

  private List<Use> uses(String name) {
    var uses = new ArrayList<Use>();
    for (Node node : nodes) {
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.input(i).equals(name)) {
          uses.add(new Use(node.name(), i));
        }
      }
    }
    return uses;
  }

  private void redirect(Use use, String value) {
    int index = index(use.node);
    var inputs = new ArrayList<>(nodes.get(index).inputs());
    inputs.set(use.input, value);
    nodes.set(index, nodes.get(index).withInputs(inputs));
  }

  void setAttribute(String node, String key, Attribute value) {
    int index = index(node);
    Map<String, Attribute> attributes = new HashMap<>(nodes.get(index).attributes());
    attributes.put(key, value);
    nodes.set(index, nodes.get(index).withAttributes(attributes));
  }

  /** An input reads the value of a node of its own, with another constant among its inputs. */
  void replacePart(Use use, int part, NumericTensor value) {
    replacePart(use, part, constant(use.node + ".length", value));
  }

  /**
   * An input reads a vector of integers, or a part of what a Concat makes, times one and divided by
   * another.
   *
   * @param part index of the part, -1 for the whole
   */
  void scale(Use use, int part, NumericTensor times, NumericTensor over) {
    String whole = node(use.node).input(use.input);
    String value = part < 0 ? whole : writer(whole).input(part);
    String product = before(use, "Mul", value, constant(use.node + ".times", times));
    String scaled = before(use, "Div", product, constant(use.node + ".over", over));
    if (part < 0) {
      redirect(use, scaled);
    } else {
      replacePart(use, part, scaled);
    }
  }

  private void replacePart(Use use, int part, String value) {
    Node shared = writer(node(use.node).input(use.input));
    var inputs = new ArrayList<>(shared.inputs());
    inputs.set(part, value);
    String own = fresh(shared.name());
    nodes.add(
        index(use.node), Node.of(own, shared.type(), inputs, List.of(own), shared.attributes()));
    redirect(use, own);
  }

  private String before(Use use, String type, String... operands) {
    String own = fresh(use.node + "." + type);
    nodes.add(index(use.node), Node.of(own, type, List.of(operands), List.of(own), Map.of()));
    return own;
  }

  private String constant(String base, NumericTensor value) {
    String own = fresh(base);
    initializers.put(own, value);
    return own;
  }

  private String fresh(String base) {
    String name = base + ".cut";
    for (int i = 2; !names.add(name); i++) {
      name = base + ".cut." + i;
    }
    return name;
  }
}
