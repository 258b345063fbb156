package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.pass.Grow.CannotGrow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Follows the axes that count keys, past and new, through a user graph. */
final class GrownAxes {
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Where",
          "And",
          "Or",
          "Not",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "Equal",
          "Cast",
          "Identity",
          "Relu",
          "Gelu",
          "Sigmoid",
          "Tanh",
          "Neg",
          "Exp",
          "Sqrt",
          "Erf",
          "Clip",
          "Min",
          "Max",
          "Pow");

  private final Map<String, Node> producers;
  private final Graph graph;
  private final Analysis analysis;

  GrownAxes(Graph graph, Analysis analysis) {
    this.graph = graph;
    this.analysis = analysis;
    this.producers = graph.producers();
  }

  Node producer(String value) {
    return Objects.requireNonNull(producers.get(value));
  }

  int index(Node node, int rank) {
    long axis = node.intAttribute("axis", node.is("Softmax") ? -1 : 0);
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  /** Returns the key axes of a node's result. */
  Set<Integer> of(Node node, Map<String, Set<Integer>> grown) {
    boolean any =
        node.inputs().stream().anyMatch(in -> !grown.getOrDefault(in, Set.of()).isEmpty());
    if (!any) {
      return Set.of();
    }
    return switch (node.type()) {
      case "MatMul" -> matMul(node, grown);
      case "Transpose" -> transposed(node, grown.getOrDefault(node.input(0), Set.of()));
      case "Softmax", "LayerNormalization" -> grown.getOrDefault(node.input(0), Set.of());
      case "Unsqueeze" -> unsqueezed(node, grown.getOrDefault(node.input(0), Set.of()));
      case "Concat", "Slice" -> joined(node, grown);
      default -> {
        if (!ELEMENTWISE.contains(node.type())) {
          throw cannot(node);
        }
        yield aligned(node, grown);
      }
    };
  }

  private static CannotGrow cannot(Node node) {
    return new CannotGrow(
        "node \"" + node.name() + "\" (" + node.type() + ") is not followed along the history");
  }

  private Set<Integer> matMul(Node node, Map<String, Set<Integer>> grown) {
    int rank = analysis.get(node.output()).rank();
    Known a = analysis.get(node.input(0));
    Known b = analysis.get(node.input(1));
    Set<Integer> left = grown.getOrDefault(node.input(0), Set.of());
    Set<Integer> right = grown.getOrDefault(node.input(1), Set.of());
    if (left.contains(a.rank() - 1) != right.contains(b.rank() - 2)) {
      throw cannot(node);
    }
    var result = new HashSet<Integer>();
    for (int axis : left) {
      if (axis != a.rank() - 1) {
        result.add(axis + rank - a.rank());
      }
    }
    for (int axis : right) {
      if (axis != b.rank() - 2) {
        result.add(axis + rank - b.rank());
      }
    }
    return result;
  }

  private Set<Integer> aligned(Node node, Map<String, Set<Integer>> grown) {
    int rank = analysis.get(node.output()).rank();
    var result = new HashSet<Integer>();
    for (String input : node.inputs()) {
      int shift = rank - (input.isEmpty() ? rank : analysis.get(input).rank());
      grown.getOrDefault(input, Set.of()).forEach(axis -> result.add(axis + shift));
    }
    return result;
  }

  private Set<Integer> joined(Node node, Map<String, Set<Integer>> grown) {
    var result = new HashSet<Integer>();
    node.inputs().forEach(input -> result.addAll(grown.getOrDefault(input, Set.of())));
    return result;
  }

  private List<Integer> permutation(Node node) {
    int rank = analysis.get(node.output()).rank();
    var order = new ArrayList<Integer>();
    if (node.attributes().containsKey("perm")) {
      for (long axis : node.intsAttribute("perm")) {
        order.add((int) axis);
      }
    } else {
      for (int i = rank - 1; i >= 0; i--) {
        order.add(i);
      }
    }
    return order;
  }

  private Set<Integer> transposed(Node node, Set<Integer> axes) {
    List<Integer> order = permutation(node);
    var result = new HashSet<Integer>();
    axes.forEach(axis -> result.add(order.indexOf(axis)));
    return result;
  }

  /** Returns for each axis of Unsqueeze's result the axis it was, -1 for a new one. */
  private List<Integer> origins(Node node) {
    int rank = analysis.get(node.output()).rank();
    var added = new HashSet<Integer>();
    for (long axis : axesOf(node)) {
      added.add((int) (axis < 0 ? axis + rank : axis));
    }
    var origins = new ArrayList<Integer>();
    int next = 0;
    for (int i = 0; i < rank; i++) {
      origins.add(added.contains(i) ? -1 : next++);
    }
    return origins;
  }

  private long[] axesOf(Node node) {
    return node.attributes().containsKey("axes")
        ? node.intsAttribute("axes")
        : graph.initializers().get(node.input(1)) instanceof NumericTensor axes
            ? axes.toLongs()
            : new long[0];
  }

  private Set<Integer> unsqueezed(Node node, Set<Integer> axes) {
    List<Integer> origins = origins(node);
    var result = new HashSet<Integer>();
    for (int i = 0; i < origins.size(); i++) {
      if (axes.contains(origins.get(i))) {
        result.add(i);
      }
    }
    return result;
  }

  /**
   * Returns which axes of an index tensor meet key axes in a node that works on the user's data.
   */
  Set<Integer> facing(Node node, String index, Map<String, Set<Integer>> grown) {
    if (!ELEMENTWISE.contains(node.type())) {
      return Set.of();
    }
    return withLength(index, aligned(node, grown), analysis.get(node.output()).rank());
  }

  /** Returns the key axes of an operand of an index tensor's node from those of its result. */
  Set<Integer> behind(Node node, String operand, Set<Integer> keys) {
    return switch (node.type()) {
      case "Unsqueeze" -> {
        List<Integer> origins = origins(node);
        var result = new HashSet<Integer>();
        keys.forEach(axis -> result.add(origins.get(axis)));
        yield result;
      }
      case "Transpose" -> {
        List<Integer> order = permutation(node);
        var result = new HashSet<Integer>();
        keys.forEach(axis -> result.add(order.get(axis)));
        yield result;
      }
      case "Gather" -> {
        int axis = index(node, analysis.get(node.input(0)).rank());
        if (!operand.equals(node.input(1)) || !analysis.get(node.input(0)).size().isInteger()) {
          throw cannot(node);
        }
        yield withLength(operand, shifted(keys, axis), analysis.get(operand).rank());
      }
      default -> {
        if (!ELEMENTWISE.contains(node.type())) {
          throw cannot(node);
        }
        yield withLength(operand, keys, analysis.get(node.output()).rank());
      }
    };
  }

  private static Set<Integer> shifted(Set<Integer> axes, int by) {
    var result = new HashSet<Integer>();
    axes.forEach(axis -> result.add(axis - by));
    return result;
  }

  /** Returns those axes, counted from the right, along which a tensor counts events. */
  private Set<Integer> withLength(String value, Set<Integer> axes, int rank) {
    Known known = analysis.get(value);
    var result = new HashSet<Integer>();
    for (int axis : axes) {
      int own = axis - (rank - known.rank());
      if (own >= 0 && !known.axis(own).length().isInteger()) {
        result.add(own);
      }
    }
    return result;
  }
}
