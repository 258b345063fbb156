package dev.falconer.compressor.onnx;

import java.util.List;

/** A constant tensor: its type, shape and elements. */
public sealed interface TensorData permits NumericTensor, StringTensor {
  /** Returns the element type. */
  DType dtype();

  /** Returns the shape. */
  Shape shape();

  /** Returns a float32 tensor that owns a copy of the row-major values. */
  static NumericTensor floats(Shape shape, float... values) {
    return NumericTensor.of(shape, values);
  }

  /** Returns an int64 tensor that owns a copy of the row-major values. */
  static NumericTensor longs(Shape shape, long... values) {
    return NumericTensor.of(shape, values);
  }

  /** Returns a float64 tensor that owns a copy of the row-major values. */
  static NumericTensor doubles(Shape shape, double... values) {
    return NumericTensor.of(shape, values);
  }

  /** Returns a bool tensor. */
  static NumericTensor bools(Shape shape, boolean... values) {
    return NumericTensor.of(shape, values);
  }

  /** Returns an int64 vector. */
  static NumericTensor vector(long... values) {
    return longs(Shape.of(values.length), values);
  }

  /** Returns an int64 scalar. */
  static NumericTensor scalar(long value) {
    return longs(Shape.of(), value);
  }

  /** Returns a float32 scalar. */
  static NumericTensor scalar(float value) {
    return floats(Shape.of(), value);
  }

  /** Returns a string tensor of row-major values. */
  static StringTensor strings(Shape shape, List<String> values) {
    return new StringTensor(shape, values);
  }
}
