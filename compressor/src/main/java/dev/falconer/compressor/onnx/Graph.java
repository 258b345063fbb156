package dev.falconer.compressor.onnx;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Inputs, constants, and nodes in an order in which every value is written before it is read.
 *
 * @param initializers constants by name, in file order; a name is never also an input
 */
public record Graph(
    String name,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    Map<String, TensorData> initializers,
    List<Node> nodes) {

  /** Copies the collections and checks that every name is written once. */
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    nodes = List.copyOf(nodes);
    Set<String> written = new HashSet<>(initializers.keySet());
    for (ValueInfo input : inputs) {
      if (!written.add(input.name())) {
        throw new IllegalArgumentException("value \"" + input.name() + "\" is defined twice");
      }
    }
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !written.add(output)) {
          throw new IllegalArgumentException(
              "value \"" + output + "\" is defined twice, again by node \"" + node.name() + "\"");
        }
      }
    }
  }

  /** Returns each value's writing node. Inputs and constants have none. */
  public Map<String, Node> producers() {
    var producers = new HashMap<String, Node>();
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          producers.put(output, node);
        }
      }
    }
    return producers;
  }

  /** Returns each value's reading nodes in graph order; a node that reads it twice stands twice. */
  public Map<String, List<Node>> consumers() {
    var consumers = new HashMap<String, List<Node>>();
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        if (!input.isEmpty()) {
          consumers.computeIfAbsent(input, _ -> new java.util.ArrayList<>()).add(node);
        }
      }
    }
    return consumers;
  }

  /**
   * Returns the declared input. Throws IllegalArgumentException, naming the inputs, when there is
   * none.
   */
  public ValueInfo input(String input) {
    return inputs.stream()
        .filter(value -> value.name().equals(input))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no input \""
                    + input
                    + "\"; the inputs are "
                    + inputs.stream().map(ValueInfo::name).toList()));
  }

  /** Returns the graph with other constants. */
  public Graph withInitializers(Map<String, TensorData> others) {
    return new Graph(name, inputs, outputs, others, nodes);
  }

  /** Returns the graph with other nodes. */
  public Graph withNodes(List<Node> others) {
    return new Graph(name, inputs, outputs, initializers, others);
  }

  /** Returns the number of elements of float constants: parameters. */
  public long parameters() {
    return initializers.values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .mapToLong(tensor -> tensor.shape().size())
        .sum();
  }
}
