package dev.falconer.compressor.onnx;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One operation: reads values by name, writes values by name. An empty input name is an absent
 * optional input.
 *
 * @param name unique in its graph
 * @param domain "" for ONNX's own operators
 * @param type operator name
 */
public record Node(
    String name,
    String domain,
    String type,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes,
    Map<String, String> metadata) {

  /** Copies the collections; attributes are kept in the order of their names. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = java.util.Collections.unmodifiableMap(new TreeMap<>(attributes));
    metadata = Map.copyOf(metadata);
  }

  /** Returns a node of ONNX's own domain without metadata. */
  public static Node of(
      String name,
      String type,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    return new Node(name, "", type, inputs, outputs, attributes, Map.of());
  }

  /** Returns whether this is the named operator of ONNX's own domain. */
  public boolean is(String operator) {
    return type.equals(operator) && (domain.isEmpty() || domain.equals("ai.onnx"));
  }

  /** Returns input {@code index}, or "" when absent. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** Returns the first output. */
  public String output() {
    return outputs.getFirst();
  }

  /** Returns an integer attribute, or the default when absent. */
  public long intAttribute(String key, long absent) {
    return attributes.get(key) instanceof Attribute.IntAttr(long value) ? value : absent;
  }

  /** Returns a float attribute, or the default when absent. */
  public float floatAttribute(String key, float absent) {
    return attributes.get(key) instanceof Attribute.FloatAttr(float value) ? value : absent;
  }

  /** Returns a string attribute, or the default when absent. */
  public String textAttribute(String key, String absent) {
    return attributes.get(key) instanceof Attribute.TextAttr(String value) ? value : absent;
  }

  /** Returns an integer-list attribute, or an empty array when absent. */
  public long[] intsAttribute(String key) {
    return attributes.get(key) instanceof Attribute.IntsAttr(List<Long> values)
        ? values.stream().mapToLong(Long::longValue).toArray()
        : new long[0];
  }

  /** Returns the node with other attributes. */
  public Node withAttributes(Map<String, Attribute> others) {
    return new Node(name, domain, type, inputs, outputs, others, metadata);
  }

  /** Returns the node writing other values. */
  public Node withOutputs(List<String> others) {
    return new Node(name, domain, type, inputs, others, attributes, metadata);
  }

  /** Returns the node reading other values. */
  public Node withInputs(List<String> others) {
    return new Node(name, domain, type, others, outputs, attributes, metadata);
  }
}
