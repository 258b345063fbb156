package dev.falconer.compressor.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a graph node by node, in order. Methods named after operators add one node and return its
 * output's name. Names are made from the current scope and the operator, and are the same in every
 * run.
 */
public final class GraphBuilder {
  private final String name;
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final Map<String, TensorData> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private String scope = "";

  /** Returns an empty graph. */
  public GraphBuilder(String name) {
    this.name = name;
  }

  /** Prefixes the names of what is added from now on: "layer0.attention". Empty for none. */
  public GraphBuilder scope(String prefix) {
    scope = prefix;
    return this;
  }

  /** Declares an input; axes as in {@link ValueInfo#of}. Returns its name. */
  public String input(String input, DType dtype, Object... axes) {
    inputs.add(ValueInfo.of(input, dtype, axes));
    return input;
  }

  /** Declares an existing value as an output under its name. */
  public void output(String output, DType dtype, Object... axes) {
    outputs.add(ValueInfo.of(output, dtype, axes));
  }

  /** Adds a named constant and returns its name. */
  public String initializer(String initializer, TensorData value) {
    if (initializers.putIfAbsent(initializer, value) != null) {
      throw new IllegalArgumentException("constant \"" + initializer + "\" exists already");
    }
    return initializer;
  }

  /** Returns the name of a small constant, the same for equal values. */
  public String constant(TensorData value) {
    for (var entry : initializers.entrySet()) {
      if (entry.getKey().startsWith("constant.") && entry.getValue().equals(value)) {
        return entry.getKey();
      }
    }
    return initializer("constant." + counts.merge("constant.", 1, Integer::sum), value);
  }

  /** Returns the name of an int64 vector. */
  public String vector(long... values) {
    return constant(TensorData.vector(values));
  }

  /** Returns the name of an int64 scalar. */
  public String scalar(long value) {
    return constant(TensorData.scalar(value));
  }

  /** Returns the name of a float32 scalar. */
  public String scalar(float value) {
    return constant(TensorData.scalar(value));
  }

  /** Adds a node of ONNX's own domain without attributes and returns its output. */
  public String add(String type, String... operands) {
    return add(type, Map.of(), operands);
  }

  /** Adds a node of ONNX's own domain and returns its output. */
  public String add(String type, Map<String, Attribute> attributes, String... operands) {
    return node("", type, null, attributes, List.of(operands)).output();
  }

  /** Adds a node whose output has the given name. */
  public String named(
      String output, String type, Map<String, Attribute> attributes, String... operands) {
    return node("", type, List.of(output), attributes, List.of(operands)).output();
  }

  /** Adds a node of another domain and returns its output. */
  public String addIn(
      String domain, String type, Map<String, Attribute> attributes, String... operands) {
    return node(domain, type, null, attributes, List.of(operands)).output();
  }

  /** Adds a node with several outputs and returns them. */
  public List<String> several(
      int outputs, String type, Map<String, Attribute> attributes, String... operands) {
    String first = type + "." + nodes.size();
    var results =
        java.util.stream.IntStream.range(0, outputs).mapToObj(i -> first + ":" + i).toList();
    return node("", type, results, attributes, List.of(operands)).outputs();
  }

  private Node node(
      String domain,
      String type,
      @Nullable List<String> results,
      Map<String, Attribute> attributes,
      List<String> operands) {
    String base = scope.isEmpty() ? type : scope + "." + type;
    int count = counts.merge(base, 1, Integer::sum);
    String unique = count == 1 ? base : base + "." + count;
    List<String> written = results == null ? List.of(unique + ":0") : results;
    Node node = new Node(unique, domain, type, operands, written, attributes, Map.of());
    nodes.add(node);
    return node;
  }

  /** Returns x + y, broadcast. */
  public String plus(String x, String y) {
    return add("Add", x, y);
  }

  /** Returns x · y, broadcast. */
  public String times(String x, String y) {
    return add("Mul", x, y);
  }

  /** Returns the matrix product. */
  public String matmul(String x, String y) {
    return add("MatMul", x, y);
  }

  /** Returns rows of a table [rows, ...] by int64 indices. */
  public String gather(String table, String indices) {
    return add("Gather", Map.of("axis", Attribute.of(0)), table, indices);
  }

  /** Returns the parts joined along an axis. */
  public String concat(long axis, String... parts) {
    return add("Concat", Map.of("axis", Attribute.of(axis)), parts);
  }

  /** Returns x with its axes in another order. */
  public String transpose(String x, long... permutation) {
    return add("Transpose", Map.of("perm", Attribute.ints(permutation)), x);
  }

  /** Returns x under a shape of known lengths; 0 keeps a length, -1 is computed. */
  public String reshape(String x, long... shape) {
    return add("Reshape", x, vector(shape));
  }

  /** Returns x with axes of length 1 put in. */
  public String unsqueeze(String x, long... axes) {
    return add("Unsqueeze", x, vector(axes));
  }

  /** Returns the length of an axis as an int64 vector of one. */
  public String length(String x, long axis) {
    return add("Shape", Map.of("start", Attribute.of(axis), "end", Attribute.of(axis + 1)), x);
  }

  /** Returns a slice [start, end) of one axis. */
  public String slice(String x, long axis, long start, long end) {
    return add("Slice", x, vector(start), vector(end), vector(axis));
  }

  /** Returns softmax along the last axis. */
  public String softmax(String x) {
    return add("Softmax", Map.of("axis", Attribute.of(-1)), x);
  }

  /** Returns the graph. */
  public Graph build() {
    return new Graph(name, inputs, outputs, initializers, nodes);
  }
}
