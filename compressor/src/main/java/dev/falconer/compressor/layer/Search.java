package dev.falconer.compressor.layer;

import dev.falconer.compressor.layer.StoredWeight.Untraceable;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One search for the linear maps of a graph. */
final class Search {
  /** A node that multiplies by one traced weight. */
  private record Use(Node node, Product.Linear product, StoredWeight weight) {
    /** Returns whether the tensor in the graph lies as [out, in]. */
    boolean isOutIn() {
      return product.isOutIn() != weight.isFlipped();
    }

    int out() {
      return Math.toIntExact(weight.shape().lengths().get(product.isOutIn() ? 0 : 1));
    }

    int in() {
      return Math.toIntExact(weight.shape().size() / out());
    }

    List<Integer> kernel() {
      List<Long> lengths = weight.shape().lengths();
      return product.isConv()
          ? lengths.subList(2, lengths.size()).stream().map(Math::toIntExact).toList()
          : List.of();
    }

    boolean agrees(Use other) {
      return isOutIn() == other.isOutIn()
          && product.scale() == other.product.scale()
          && out() == other.out()
          && kernel().equals(other.kernel())
          && weight.dtype() == other.weight.dtype();
    }
  }

  private final Graph graph;
  private final Set<String> candidateSide;
  private final Map<String, TensorData> constants;
  private final Set<String> fixed;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Set<String> captured = new HashSet<>();
  private final Set<String> repeated = new HashSet<>();
  private final IdentityHashMap<Node, String> reasons = new IdentityHashMap<>();
  private final Map<String, List<Use>> byConstant = new LinkedHashMap<>();

  Search(Graph graph, Set<String> candidateSide) {
    this.graph = graph;
    this.candidateSide = candidateSide;
    constants = Constants.of(graph);
    fixed = Constants.fixed(graph, Set.of());
    producers = graph.producers();
    consumers = graph.consumers();
    graph.outputs().stream().map(ValueInfo::name).forEach(captured::add);
    graph.nodes().forEach(node -> bodies(node).forEach(this::capture));
    var names = new HashSet<String>();
    graph.nodes().stream().map(Node::name).filter(name -> !names.add(name)).forEach(repeated::add);
  }

  Found found() {
    graph.nodes().forEach(this::visit);
    var layers = new ArrayList<LinearLayer>();
    byConstant.forEach((constant, uses) -> {
      String reason = reasonAgainst(constant, uses);
      if (reason.isEmpty()) {
        layers.add(layer(constant, uses));
      } else {
        uses.forEach(use -> reasons.put(use.node, reason));
      }
    });
    var leftAlone = new ArrayList<LeftAlone>();
    graph.nodes().forEach(node -> list(node, leftAlone));
    return new Found(layers, leftAlone);
  }

  private void list(Node node, List<LeftAlone> into) {
    String reason = reasons.get(node);
    if (reason != null) {
      into.add(leftAlone(node, reason));
    }
    for (Graph body : bodies(node)) {
      listBody(body, fixed, "it lies in a body of \"" + node.name() + "\"", into);
    }
  }

  private static void listBody(
      Graph body, Set<String> around, String reason, List<LeftAlone> into) {
    Set<String> fixed = Constants.fixed(body, around);
    for (Node node : body.nodes()) {
      boolean multiplies =
          switch (Product.of(node)) {
            case Product.Linear _ ->
                fixed.contains(node.input(Product.WEIGHT)) || fixed.contains(node.input(0));
            case Product.Refused _ -> node.inputs().stream().anyMatch(fixed::contains);
            case Product.Quantised _ -> true;
            case Product.None _ -> false;
          };
      if (multiplies && varies(node, fixed)) {
        into.add(leftAlone(node, reason));
      }
      bodies(node).forEach(inner -> listBody(inner, fixed, reason, into));
    }
  }

  private static LeftAlone leftAlone(Node node, String reason) {
    String operator = node.domain().isEmpty() ? node.type() : node.domain() + "." + node.type();
    return new LeftAlone(node.name(), operator, reason);
  }

  private static List<Graph> bodies(Node node) {
    return node.attributes().values().stream()
        .filter(Attribute.GraphAttr.class::isInstance)
        .map(attribute -> ((Attribute.GraphAttr) attribute).graph())
        .toList();
  }

  /** Notes every name that a body reads: it may be one of the graph around it. */
  private void capture(Graph body) {
    body.outputs().stream().map(ValueInfo::name).forEach(captured::add);
    for (Node node : body.nodes()) {
      captured.addAll(node.inputs());
      bodies(node).forEach(this::capture);
    }
  }

  private void visit(Node node) {
    switch (Product.of(node)) {
      case Product.Linear linear -> visit(node, linear);
      case Product.Refused(String reason) -> {
        if (node.inputs().stream().anyMatch(this::isTensorOfAxes) && varies(node)) {
          reasons.put(node, reason);
        }
      }
      case Product.Quantised _ -> reasons.put(node, "its weight is quantised already");
      case Product.None _ -> {}
    }
  }

  private void visit(Node node, Product.Linear linear) {
    if (!fixed.contains(node.input(Product.WEIGHT))) {
      if (isTensorOfAxes(node.input(0))) {
        reasons.put(node, "its constant is on the left");
      }
      return;
    }
    if (!varies(node)) {
      return;
    }
    if (repeated.contains(node.name())) {
      reasons.put(node, "several nodes have its name");
      return;
    }
    try {
      Use use =
          new Use(
              node, linear, StoredWeight.behind(node.input(Product.WEIGHT), constants, producers));
      int rank = use.weight.shape().rank();
      if (linear.isConv() ? rank < 3 : rank != 2) {
        reasons.put(node, "its weight has " + rank + " axes");
      } else if (use.weight.shape().size() == 0 || use.weight.shape().size() > Integer.MAX_VALUE) {
        reasons.put(node, "its weight has " + use.weight.shape().size() + " elements");
      } else {
        byConstant.computeIfAbsent(use.weight.constant(), _ -> new ArrayList<>()).add(use);
      }
    } catch (Untraceable e) {
      reasons.put(node, e.reason());
    }
  }

  private boolean varies(Node node) {
    return varies(node, fixed);
  }

  /** Returns whether a node's results depend on what is fed; those it leaves out have no name. */
  private static boolean varies(Node node, Set<String> fixed) {
    return node.outputs().stream().anyMatch(output -> !output.isEmpty() && !fixed.contains(output));
  }

  private boolean isTensorOfAxes(String value) {
    TensorData constant = constants.get(value);
    return fixed.contains(value) && (constant == null || constant.shape().rank() >= 2);
  }

  /** Returns why a constant may not be changed, or "". */
  private String reasonAgainst(String constant, List<Use> uses) {
    Set<String> values = new HashSet<>();
    Set<String> nodes = new HashSet<>();
    for (Use use : uses) {
      values.addAll(use.weight.values());
      nodes.add(use.node.name());
      if (!use.agrees(uses.getFirst())) {
        return "\"%s\" multiplies in two ways: see \"%s\""
            .formatted(constant, uses.getFirst().node.name());
      }
    }
    for (String value : values) {
      if (captured.contains(value)) {
        return "its weight \"" + value + "\" is also an output or read by a body";
      }
      for (Node reader : consumers.getOrDefault(value, List.of())) {
        boolean isView = values.contains(reader.output()) && reader.input(0).equals(value);
        boolean isUse = nodes.contains(reader.name()) && reader.input(Product.WEIGHT).equals(value);
        if ((!isView && !isUse) || Collections.frequency(reader.inputs(), value) > 1) {
          return "its weight \"%s\" is also read by \"%s\" (%s)"
              .formatted(value, reader.name(), reader.type());
        }
      }
    }
    return "";
  }

  private LinearLayer layer(String constant, List<Use> uses) {
    Use first = uses.getFirst();
    return new LinearLayer(
        constant,
        first.isOutIn(),
        first.out(),
        first.in(),
        first.product.scale(),
        first.kernel(),
        first.weight.dtype(),
        uses.stream().map(use -> tap(use.node)).toList());
  }

  private LinearLayer.Tap tap(Node node) {
    return new LinearLayer.Tap(node.name(), node.input(0), candidateSide.contains(node.input(0)));
  }
}
