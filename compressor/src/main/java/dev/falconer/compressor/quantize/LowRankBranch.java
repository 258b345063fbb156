package dev.falconer.compressor.quantize;

import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes layers as a sparse matrix and one of few ranks, never merged: S x + B (A x), as
 * HASSLE-free does (arXiv 2502.00899).
 *
 * <pre>
 * y = x · W       becomes   y = x · S' + (x · A') · B'
 * y = Conv(x, W)  becomes   y = Conv(x, S) + Conv(Conv(x, A), B), the last of one position
 * </pre>
 *
 * Biases and activations stay where they are. The two thin products are r (out + in) multiply-adds
 * a row beside the out · in of S, which runs dense in ONNX Runtime.
 */
public final class LowRankBranch {
  private LowRankBranch() {}

  /**
   * A layer's weight S + BA.
   *
   * @param sparse S [out, in]
   * @param lowRank B [out, r] and A [r, in]; of rank 0 it adds no nodes
   */
  public record Parts(Matrix sparse, LowRank lowRank) {}

  /** Returns why a layer of the graph cannot be written so, or nothing when it can. */
  public static Optional<String> reasonAgainst(Graph graph, LinearLayer layer) {
    return reasonAgainst(ProductForm.byName(graph), layer);
  }

  private static Optional<String> reasonAgainst(Map<String, Node> nodes, LinearLayer layer) {
    return layer.taps().stream()
        .map(tap -> nodes.get(tap.node()))
        .filter(node -> node == null || node.type().equals("Attention"))
        .map(node -> node == null ? "one of its nodes is gone" : "Attention holds it inside")
        .findFirst();
  }

  /**
   * Returns the model with the layers in two parts.
   *
   * @throws IllegalArgumentException naming the layer that cannot be written so, or whose parts
   *     have other shapes
   */
  public static Model apply(Model model, Map<LinearLayer, Parts> parts) {
    Map<String, Node> nodes = ProductForm.byName(model.graph());
    Map<LinearLayer, Matrix> sparse = new LinkedHashMap<>();
    Map<String, LinearLayer> byNode = new HashMap<>();
    parts.forEach((layer, part) -> {
      reasonAgainst(nodes, layer)
          .ifPresent(reason -> {
            throw new IllegalArgumentException(
                "weight \"%s\" takes no low-rank branch: %s".formatted(layer.weight(), reason));
          });
      check(layer, part.lowRank);
      sparse.put(layer, part.sparse);
      layer.taps().stream().map(Tap::node).forEach(node -> byNode.put(node, layer));
    });
    Model rewritten = model.withGraph(LinearLayer.written(model.graph(), sparse));
    var edit = new Edit(rewritten);
    for (Node node : rewritten.graph().nodes()) {
      LinearLayer layer = byNode.get(node.name());
      Parts part = layer == null ? null : parts.get(layer);
      if (layer == null || part == null || part.lowRank.rank() == 0) {
        edit.keep(node);
      } else {
        new Branch(edit, node, layer, part.lowRank).write();
      }
    }
    return edit.done();
  }

  private static void check(LinearLayer layer, LowRank lowRank) {
    if (lowRank.left().rows() != layer.out()
        || lowRank.right().columns() != layer.in()
        || lowRank.left().columns() != lowRank.right().rows()) {
      throw new IllegalArgumentException(
          "weight \"%s\" is [%d, %d], got factors %s and %s"
              .formatted(layer.weight(), layer.out(), layer.in(), lowRank.left(), lowRank.right()));
    }
  }

  /** One node and the branch beside it. */
  private record Branch(Edit edit, Node node, LinearLayer layer, LowRank lowRank) {
    void write() {
      switch (node.type()) {
        case "Conv" -> sum("", convolved());
        case "FusedConv" -> intoSum(convolved());
        case "FusedMatMul" -> sum(node.domain(), multiplied(fused()));
        case "Gemm", "FusedGemm" -> gemm();
        default -> sum("", multiplied(plain(node.input(0))));
      }
    }

    /** Writes the output as the node's own and the branch's. */
    private void sum(String domain, String branch) {
      String own = edit.fresh(node.name() + ".sparse");
      edit.keep(
          new Node(
              node.name(),
              domain,
              node.type(),
              node.inputs(),
              List.of(own),
              node.attributes(),
              node.metadata()));
      edit.write(node.output(), edit.fresh(node.name() + ".sum"), "", "Add", Map.of(), own, branch);
    }

    /** A fused Conv's fourth input is added before its activation. */
    private void intoSum(String branch) {
      var inputs = new ArrayList<>(node.inputs());
      while (inputs.size() < 4) {
        inputs.add("");
      }
      String other = inputs.get(3);
      inputs.set(
          3,
          other.isEmpty()
              ? branch
              : edit.add(node.name() + ".sum", "Add", Map.of(), other, branch));
      edit.keep(node.withInputs(inputs));
    }

    /** The branch takes over the bias and becomes the node's: an activation comes after both. */
    private void gemm() {
      String thin = plain(ProductForm.rows(edit, node, node.input(0)));
      String bias = node.input(2);
      Attribute one = new Attribute.FloatAttr(1);
      Attribute beta = new Attribute.FloatAttr(node.floatAttribute("beta", 1));
      String branch =
          bias.isEmpty()
              ? multiplied(thin)
              : edit.add(
                  node.name() + ".low_rank", "Gemm", Map.of("beta", beta), thin, left(), bias);
      Map<String, Attribute> attributes = new HashMap<>(node.attributes());
      attributes.put("beta", one);
      edit.keep(
          node.withInputs(List.of(node.input(0), node.input(1), branch))
              .withAttributes(attributes));
    }

    private String plain(String rows) {
      return edit.add(node.name() + ".thin", "MatMul", Map.of(), rows, right());
    }

    private String fused() {
      String thin = edit.fresh(node.name() + ".thin");
      Attribute isTransposed = Attribute.of(node.intAttribute("transA", 0));
      edit.write(
          thin,
          thin,
          node.domain(),
          node.type(),
          Map.of("transA", isTransposed),
          node.input(0),
          right());
      return thin;
    }

    private String multiplied(String thin) {
      return edit.add(node.name() + ".low_rank", "MatMul", Map.of(), thin, left());
    }

    private String convolved() {
      long[] kernel = layer.kernel().stream().mapToLong(Integer::longValue).toArray();
      var inner = new long[kernel.length + 2];
      var outer = new long[kernel.length + 2];
      java.util.Arrays.fill(outer, 1);
      System.arraycopy(kernel, 0, inner, 2, kernel.length);
      inner[0] = lowRank.rank();
      inner[1] = layer.in() / layer.positions();
      outer[0] = layer.out();
      outer[1] = lowRank.rank();
      String right = constant(".low_rank.right", Shape.of(inner), lowRank.right());
      String left = constant(".low_rank.left", Shape.of(outer), lowRank.left());
      Map<String, Attribute> attributes = ProductForm.withoutActivation(node);
      String thin = edit.add(node.name() + ".thin", "Conv", attributes, node.input(0), right);
      return edit.add(node.name() + ".low_rank", "Conv", Map.of(), thin, left);
    }

    /** Returns A' [in, r]. */
    private String right() {
      return constant(
          ".low_rank.right", Shape.of(layer.in(), lowRank.rank()), lowRank.right().transposed());
    }

    /** Returns B' [r, out]. */
    private String left() {
      return constant(
          ".low_rank.left", Shape.of(lowRank.rank(), layer.out()), lowRank.left().transposed());
    }

    private String constant(String suffix, Shape shape, Matrix values) {
      return edit.constant(
          layer.weight() + suffix, NumericTensor.rounded(layer.dtype(), shape, values.toArray()));
    }
  }
}
