package dev.falconer.compressor.quantize;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What stands around the product of rows and a weight in one node, and how to write it as nodes of
 * its own: a transposed input, a bias times beta, an activation.
 */
final class ProductForm {
  /** Prefix of a fused node's attributes that are its activation's. */
  private static final String ACTIVATION = "activation";

  private ProductForm() {}

  /** Returns the nodes of a graph by name, the first of each. */
  static Map<String, Node> byName(Graph graph) {
    return graph.nodes().stream()
        .collect(Collectors.toMap(Node::name, node -> node, (first, _) -> first));
  }

  /**
   * Returns why a layer's nodes cannot be written as a product with something before and after it,
   * or nothing when they can.
   */
  static Optional<String> reasonAgainst(Map<String, Node> nodes, LinearLayer layer) {
    for (Tap tap : layer.taps()) {
      Node node = nodes.get(tap.node());
      if (node == null) {
        return Optional.of("there is no node \"" + tap.node() + "\"");
      }
      boolean isProduct =
          switch (node.type()) {
            case "MatMul", "Gemm", "FusedGemm" -> true;
            case "FusedMatMul" -> node.intAttribute("transA", 0) == 0;
            default -> false;
          };
      if (!isProduct) {
        String how = node.type().equals("FusedMatMul") ? " with a transposed input" : "";
        return Optional.of("\"%s\" is a %s%s".formatted(node.name(), node.type(), how));
      }
    }
    return Optional.empty();
  }

  /** Returns the value's rows as the node multiplies them. */
  static String rows(Edit edit, Node node, String value) {
    return node.intAttribute("transA", 0) == 0
        ? value
        : edit.add(node.name() + ".rows", "Transpose", Map.of("perm", Attribute.ints(1, 0)), value);
  }

  /** Returns whether anything follows the product. */
  static boolean isFollowed(Node node) {
    return !bias(node).isEmpty() || !activation(node).isEmpty();
  }

  /** Writes the node's output from its product. Call only where something follows. */
  static void finish(Edit edit, Node node, String product, DType dtype) {
    String bias = bias(node);
    String activation = activation(node);
    String sum = product;
    if (!bias.isEmpty()) {
      float beta = node.floatAttribute("beta", 1);
      String scaled = bias;
      if (beta != 1) {
        NumericTensor factor = NumericTensor.rounded(dtype, Shape.of(), beta);
        String constant = edit.constant(node.name() + ".beta", factor);
        scaled = edit.add(node.name() + ".bias", "Mul", Map.of(), bias, constant);
      }
      sum = activation.isEmpty() ? node.output() : edit.fresh(node.name() + ".sum");
      edit.write(sum, edit.fresh(node.name() + ".bias"), "", "Add", Map.of(), product, scaled);
    }
    if (!activation.isEmpty()) {
      String name = edit.fresh(node.name() + "." + ACTIVATION);
      edit.write(node.output(), name, "", activation, activationAttributes(node), sum);
    }
  }

  private static String bias(Node node) {
    return node.type().endsWith("Gemm") ? node.input(2) : "";
  }

  private static String activation(Node node) {
    return node.textAttribute(ACTIVATION, "");
  }

  private static Map<String, Attribute> activationAttributes(Node node) {
    Map<String, Attribute> attributes = new HashMap<>();
    node.attributes()
        .forEach((key, value) -> {
          if (key.startsWith(ACTIVATION + "_") && value instanceof Attribute.FloatAttr) {
            attributes.put(key.substring(ACTIVATION.length() + 1), value);
          }
        });
    return attributes;
  }

  /** Returns a node's attributes without those of its activation. */
  static Map<String, Attribute> withoutActivation(Node node) {
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    attributes.keySet().removeIf(key -> key.startsWith(ACTIVATION));
    return attributes;
  }
}
