package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import java.util.List;

/** Sums of products: what is summed over must not be the groups, but in the layer itself. */
final class Products {
  private Products() {}

  /** Returns the axis of a layer's input that its weight sums over. */
  static int inputAxis(Node node, int rank) {
    if (node.type().equals("Conv") || node.type().equals("FusedConv")) {
      return 1;
    }
    return node.intAttribute("transA", 0) != 0 ? rank - 2 : rank - 1;
  }

  static void matmul(Touch touch) {
    boolean isFused = touch.node().type().equals("FusedMatMul");
    if (isFused
        && (touch.node().intAttribute("transBatchA", 0) != 0
            || touch.node().intAttribute("transBatchB", 0) != 0)) {
      throw touch.refuse("moves its batch axis");
    }
    int left = touch.in(0).rank();
    int right = touch.in(1).rank();
    if (left < 2 || right < 2) {
      if (!touch.isOutput() && touch.isConsumer() && left == 1) {
        consumed(touch, touch.node().intAttribute("transB", 0) != 0 ? right - 1 : right - 2);
        return;
      }
      throw touch.refuse("multiplies a vector");
    }
    product(touch, left, right);
  }

  static void gemm(Touch touch) {
    boolean isBias = !touch.isOutput() && touch.slot() == 2;
    int fromEnd = touch.own().rank() - touch.axis();
    if (isBias) {
      touch.output(0, 2 - fromEnd, touch.groups());
      return;
    }
    product(touch, 2, 2);
    if (touch.has(2) && touch.isOutput()) {
      Shape bias = touch.in(2);
      if (bias.rank() >= fromEnd && bias.dim(bias.rank() - fromEnd) == touch.groups().length()) {
        touch.input(2, bias.rank() - fromEnd, touch.groups());
      }
    }
  }

  /** [.., m, k] times [.., k, n]; either may lie with its last two axes exchanged. */
  private static void product(Touch touch, int left, int right) {
    boolean isFlippedLeft = touch.node().intAttribute("transA", 0) != 0;
    boolean isFlippedRight = touch.node().intAttribute("transB", 0) != 0;
    int rows = isFlippedLeft ? left - 1 : left - 2;
    int sumLeft = isFlippedLeft ? left - 2 : left - 1;
    int sumRight = isFlippedRight ? right - 1 : right - 2;
    int columns = isFlippedRight ? right - 2 : right - 1;
    int result = touch.out(0).rank();
    if (touch.isOutput()) {
      if (touch.axis() == result - 1) {
        if (touch.isFixed(1)) {
          touch.produced(touch.groups());
        }
        touch.input(1, columns, touch.groups());
      } else if (touch.axis() == result - 2) {
        touch.input(0, rows, touch.groups());
      } else {
        batch(touch, result - touch.axis(), left, right);
      }
    } else if (touch.slot() == 0 && touch.axis() == sumLeft) {
      consumed(touch, sumRight);
    } else if (touch.slot() == 0 && touch.axis() == rows) {
      touch.output(0, result - 2, touch.groups());
    } else if (touch.slot() == 1 && touch.axis() == sumRight) {
      if (!touch.isConsumer()) {
        throw touch.refuse("sums over them");
      }
    } else if (touch.slot() == 1 && touch.axis() == columns) {
      touch.output(0, result - 1, touch.groups());
    } else {
      int fromEnd = touch.own().rank() - touch.axis();
      touch.output(0, result - fromEnd, touch.groups());
      batch(touch, fromEnd, left, right);
    }
  }

  private static void batch(Touch touch, int fromEnd, int left, int right) {
    int length = touch.groups().length();
    if (left >= fromEnd && touch.in(0).dim(left - fromEnd) == length) {
      touch.input(0, left - fromEnd, touch.groups());
    }
    if (right >= fromEnd && touch.in(1).dim(right - fromEnd) == length) {
      touch.input(1, right - fromEnd, touch.groups());
    }
  }

  /** The groups end where the layer itself sums over them, and nowhere else. */
  static void consumed(Touch touch, int weightAxis) {
    if (!touch.isConsumer()) {
      throw touch.refuse("sums over them, too");
    }
    touch.input(1, weightAxis, touch.groups());
  }

  static void einsum(Touch touch) {
    String equation = touch.node().textAttribute("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    if (arrow < 0 || equation.contains(".")) {
      throw touch.refuse("\"" + equation + "\" leaves axes open");
    }
    List<String> terms = List.of(equation.substring(0, arrow).split(",", -1));
    String result = equation.substring(arrow + 2);
    char label = (touch.isOutput() ? result : terms.get(touch.slot())).charAt(touch.axis());
    if (result.indexOf(label) < 0) {
      throw touch.refuse("sums over them");
    }
    for (int i = 0; i < terms.size(); i++) {
      int axis = terms.get(i).indexOf(label);
      if (axis != terms.get(i).lastIndexOf(label)) {
        throw touch.refuse("takes a diagonal of them");
      }
      if (axis >= 0) {
        touch.input(i, axis, touch.groups());
      }
    }
    touch.output(0, result.indexOf(label), touch.groups());
  }
}
