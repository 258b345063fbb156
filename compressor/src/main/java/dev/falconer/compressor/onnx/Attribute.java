package dev.falconer.compressor.onnx;

import java.util.List;

/** Value of a node's attribute. */
public sealed interface Attribute {
  /** An integer. */
  record IntAttr(long value) implements Attribute {}

  /** A float32. */
  record FloatAttr(float value) implements Attribute {}

  /** A UTF-8 string. */
  record TextAttr(String value) implements Attribute {}

  /** Integers. */
  record IntsAttr(List<Long> values) implements Attribute {}

  /** Floats. */
  record FloatsAttr(List<Float> values) implements Attribute {}

  /** Strings. */
  record TextsAttr(List<String> values) implements Attribute {}

  /** A tensor. */
  record TensorAttr(TensorData value) implements Attribute {}

  /** A body of a control-flow node. */
  record GraphAttr(Graph graph) implements Attribute {}

  /** Returns an integer. */
  static Attribute of(long value) {
    return new IntAttr(value);
  }

  /** Returns a float. */
  static Attribute of(float value) {
    return new FloatAttr(value);
  }

  /** Returns a string. */
  static Attribute of(String value) {
    return new TextAttr(value);
  }

  /** Returns integers. */
  static Attribute ints(long... values) {
    return new IntsAttr(java.util.Arrays.stream(values).boxed().toList());
  }

  /** Returns a tensor. */
  static Attribute of(TensorData value) {
    return new TensorAttr(value);
  }
}
