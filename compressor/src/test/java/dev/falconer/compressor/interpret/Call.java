package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node with what it reads. Strict about the operator set: an axis given as an attribute where the
 * set wants an input, or the other way round, is refused as a runtime would.
 */
record Call(Node node, List<@Nullable NdArray> operands, long opset) {
  boolean has(int index) {
    return index < operands.size() && operands.get(index) != null;
  }

  NdArray in(int index) {
    NdArray value = index < operands.size() ? operands.get(index) : null;
    if (value == null) {
      throw refused("lacks input " + index);
    }
    return value;
  }

  String type() {
    return node.type();
  }

  IllegalArgumentException refused(String what) {
    return new IllegalArgumentException(
        "node \"%s\" (%s, operator set %d) %s".formatted(node.name(), node.type(), opset, what));
  }

  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw refused("has axis " + axis + " of " + rank);
    }
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  int axis(long absent) {
    return axis(node.intAttribute("axis", absent), in(0).rank());
  }

  /** Returns integers that are an attribute up to a set and an input from it on; null if absent. */
  long @Nullable [] integers(String attribute, int input, long inputSince) {
    boolean given = node.attributes().containsKey(attribute);
    if (opset < inputSince ? has(input) : given) {
      throw refused("gives " + attribute + " the way of another operator set");
    }
    return given ? node.intsAttribute(attribute) : has(input) ? in(input).longs() : null;
  }
}
