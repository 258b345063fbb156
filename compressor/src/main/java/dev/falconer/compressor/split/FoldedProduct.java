package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A product of one row per candidate with a tensor of the user's, written as one product of all
 * candidates' rows.
 *
 * <pre>
 * q [m, h, 1, d] ─ MatMul k [1, h, d, n] ─ s [m, h, 1, n]                             m·h products
 * q ─ Transpose ─ [1, h, m, d] ─ MatMul k ─ [1, h, m, n] ─ Transpose ─ s [m, h, 1, n]   h products
 * </pre>
 */
final class FoldedProduct {
  private FoldedProduct() {}

  /** Returns the axis that counts the candidates and can stand for the row, or -1. */
  static int axis(Node node, Analysis analysis) {
    if (!node.is("MatMul")) {
      return -1;
    }
    Known a = analysis.get(node.input(0));
    Known b = analysis.get(node.input(1));
    int rank = a.rank();
    boolean shared = b.colour() == Colour.USER || b.colour() == Colour.CONTEXT;
    if (a.colour() != Colour.CANDIDATE
        || !shared
        || rank < 3
        || b.rank() != rank
        || !a.axis(-2).isOne()) {
      return -1;
    }
    for (int i = 0; i < rank - 2; i++) {
      if (countsCandidates(a.axis(i)) && storedOnce(b.axis(i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean countsCandidates(Axis axis) {
    return axis.atoms().size() == 1 && axis.mixesWhenJoined();
  }

  private static boolean storedOnce(Axis axis) {
    return axis.isOne() || (axis.atoms().size() == 1 && axis.hasRows() && !axis.varies());
  }

  /** Returns the nodes of the product with the axis found. */
  static List<Node> nodes(Node node, List<String> operands, int axis, int rank) {
    var order = new ArrayList<Long>();
    for (long i = 0; i < rank; i++) {
      order.add(i == axis ? rank - 2L : i == rank - 2 ? (long) axis : i);
    }
    Map<String, Attribute> swap = Map.of("perm", new Attribute.IntsAttr(order));
    String turned = node.output() + "#rows";
    String product = node.output() + "#folded";
    return List.of(
        Node.of(turned, "Transpose", List.of(operands.get(0)), List.of(turned), swap),
        Node.of(product, "MatMul", List.of(turned, operands.get(1)), List.of(product), Map.of()),
        Node.of(node.name(), "Transpose", List.of(product), List.of(node.output()), swap));
  }
}
