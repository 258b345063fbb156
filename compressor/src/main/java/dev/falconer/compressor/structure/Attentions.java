package dev.falconer.compressor.structure;

import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import java.util.List;

/** Attention as one operator: the groups are its heads. */
final class Attentions {
  private static final String HEADS = "num_heads";

  private Attentions() {}

  /** com.microsoft's Attention, which holds the three projections: x, weight, bias, mask, .. */
  static void packed(Touch touch) {
    Node node = touch.node();
    if (!touch.isOutput() && touch.slot() == 0 && touch.isConsumer()) {
      Products.consumed(touch, 0);
      return;
    }
    if (!touch.isOutput()) {
      if (touch.slot() == 1 || touch.slot() == 2) {
        return; // said by the output
      }
      throw touch.refuse("sums over them, too");
    }
    touch.onlyFirstOutput();
    int heads = heads(touch, HEADS);
    int size = Math.toIntExact(touch.out(0).dim(2)) / heads;
    if (touch.in(1).dim(1) != 3L * heads * size) {
      throw touch.refuse("has values of another width than its keys");
    }
    if (touch.has(4)) {
      throw touch.refuse("carries keys and values of earlier calls");
    }
    if (touch.axis() == 0) {
      throw touch.refuse("has them as its batch");
    }
    touch.require(heads, size);
    var three = new Groups(3, heads, size);
    touch.produced(three);
    touch.input(1, 1, three);
    touch.input(2, 0, three);
    bias(touch, 5, heads);
    touch.change(new Change.Numbers(node.name(), HEADS, touch.groups()));
    touch.change(new Change.Numbers(node.name(), "qkv_hidden_sizes", touch.groups()));
  }

  /** com.microsoft's MultiHeadAttention: query, key, value [batch, rows, heads · size], bias, .. */
  static void multiHead(Touch touch) {
    touch.onlyFirstOutput();
    if (!touch.isOutput() && touch.slot() > 2) {
      throw touch.refuse("reads them as \"" + touch.node().input(touch.slot()) + "\"");
    }
    for (int i = 6; i < touch.node().inputs().size(); i++) {
      if (touch.has(i)) {
        throw touch.refuse("carries keys and values of earlier calls");
      }
    }
    int heads = heads(touch, HEADS);
    for (int i = 0; i < 3; i++) {
      if (!touch.has(i) || touch.in(i).rank() != 3) {
        throw touch.refuse("takes queries, keys and values packed");
      }
    }
    three(touch, heads);
    if (touch.has(3)) {
      long width = touch.in(0).dim(2);
      if (touch.in(2).dim(2) != width) {
        throw touch.refuse("has values of another width than its keys");
      }
      touch.input(3, 0, new Groups(3, heads, Math.toIntExact(width) / heads));
    }
    bias(touch, 5, heads);
    touch.change(new Change.Numbers(touch.node().name(), HEADS, touch.groups()));
  }

  /** ONNX's Attention: Q, K, V of three axes, or of four with the heads second; mask. */
  static void own(Touch touch) {
    touch.onlyFirstOutput();
    if (touch.has(4) || touch.has(5)) {
      throw touch.refuse("carries keys and values of earlier calls");
    }
    if (!touch.isOutput() && touch.slot() > 2) {
      throw touch.refuse("reads them as a mask");
    }
    if (touch.out(0).rank() == 4) {
      if (touch.axis() != 1 || touch.in(0).dim(1) != touch.in(1).dim(1)) {
        throw touch.refuse(
            touch.axis() == 1 ? "has other heads of keys than of queries" : "sums over them");
      }
      for (int i = 0; i < 3; i++) {
        touch.input(i, 1, touch.groups());
      }
      touch.output(0, 1, touch.groups());
      bias(touch, 3, touch.groups().length());
      return;
    }
    int heads = heads(touch, "q_num_heads");
    if (touch.node().intAttribute("kv_num_heads", heads) != heads) {
      throw touch.refuse("has other heads of keys than of queries");
    }
    three(touch, heads);
    bias(touch, 3, heads);
    for (String attribute : List.of("q_num_heads", "kv_num_heads")) {
      touch.change(new Change.Numbers(touch.node().name(), attribute, touch.groups()));
    }
  }

  /** Queries, keys, values and the output lie as [batch, rows, heads · size]. */
  private static void three(Touch touch, int heads) {
    if (touch.axis() != 2) {
      throw touch.refuse("has them as its rows");
    }
    touch.require(heads, touch.groups().length() / heads);
    for (int i = 0; i < 3; i++) {
      touch.input(i, 2, new Groups(1, heads, Math.toIntExact(touch.in(i).dim(2)) / heads));
    }
    touch.output(0, 2, new Groups(1, heads, Math.toIntExact(touch.out(0).dim(2)) / heads));
  }

  private static int heads(Touch touch, String attribute) {
    long heads = touch.node().intAttribute(attribute, 0);
    if (heads < 2) {
      throw touch.refuse("has a single head");
    }
    return Math.toIntExact(heads);
  }

  /** What is added to the scores [.., heads or 1, rows, rows]. */
  private static void bias(Touch touch, int index, int heads) {
    if (!touch.has(index)) {
      return;
    }
    Shape shape = touch.in(index);
    int axis = shape.rank() - 3;
    if (axis >= 0 && shape.dim(axis) == heads) {
      int outer = heads / touch.groups().count();
      touch.input(index, axis, new Groups(1, touch.groups().count(), outer));
    }
  }
}
