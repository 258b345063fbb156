package dev.falconer.compressor.onnx;

import java.util.List;

/** Strings, row-major. */
public record StringTensor(Shape shape, List<String> values) implements TensorData {
  /** Checks that the values fill the shape. */
  public StringTensor {
    values = List.copyOf(values);
    if (values.size() != shape.size()) {
      throw new IllegalArgumentException(values.size() + " strings for shape " + shape);
    }
  }

  @Override
  public DType dtype() {
    return DType.STRING;
  }
}
