package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is known of constants. */
final class Constants {
  /** Vectors up to this length are kept element by element: shapes, axes, pads. */
  private static final int LONGEST_VECTOR = 64;

  /** Larger tensors get no bounds: they are tables, not masks. */
  private static final int LARGEST_BOUNDED = 1 << 16;

  private Constants() {}

  static Known known(TensorData constant) {
    var axes = new ArrayList<Axis>();
    for (long dim : constant.shape().dims()) {
      axes.add(Axis.of(dim));
    }
    return switch (constant) {
      case StringTensor _ -> Known.of(DType.STRING, axes, Colour.CONSTANT);
      case NumericTensor tensor -> numeric(tensor, axes);
    };
  }

  private static Known numeric(NumericTensor tensor, List<Axis> axes) {
    Shape shape = tensor.shape();
    if (tensor.dtype().isFloat() || shape.size() > LARGEST_BOUNDED || shape.size() == 0) {
      boolean empty = shape.size() == 0 && shape.rank() == 1 && !tensor.dtype().isFloat();
      return new Known(tensor.dtype(), axes, Colour.CONSTANT, empty ? List.of() : null, null, null);
    }
    long[] elements = tensor.toLongs();
    boolean listed = shape.rank() <= 1 && elements.length <= LONGEST_VECTOR;
    return new Known(
        tensor.dtype(),
        axes,
        Colour.CONSTANT,
        listed ? Arrays.stream(elements).mapToObj(Poly::of).toList() : null,
        Poly.of(Arrays.stream(elements).min().orElseThrow()),
        Poly.of(Arrays.stream(elements).max().orElseThrow()));
  }
}
