package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a node: its inputs and the settings it runs under.
 *
 * @param inputs null where an optional input is absent
 * @param opset version of ONNX's own operators
 * @param settings of the graph
 */
record Call(Node node, List<@Nullable Value> inputs, long opset, Settings settings) {
  /**
   * How the graph runs.
   *
   * @param floating what float32 becomes: Float, or Double when derivatives are checked
   * @param rowWise tables whose gradient is kept as rows
   */
  record Settings(ScalarType floating, Set<String> rowWise) {
    /** Returns the libtorch type an ONNX type is computed in. */
    ScalarType type(DType dtype) {
      return dtype == DType.FLOAT32 ? floating : Tensors.scalarType(dtype);
    }
  }

  boolean has(int index) {
    return index < inputs.size() && inputs.get(index) != null;
  }

  Value value(int index) {
    Value value = index < inputs.size() ? inputs.get(index) : null;
    if (value == null) {
      throw new IllegalArgumentException("input " + index + " is missing");
    }
    return value;
  }

  /** Returns input {@code index} as a libtorch tensor. */
  Tensor tensor(int index) {
    return switch (value(index)) {
      case Value.Torch(Tensor tensor) -> tensor;
      case Longs longs -> longs.toTensor();
      case Value.Text _ ->
          throw new IllegalArgumentException("input " + index + " is strings; wanted numbers");
    };
  }

  /** Returns the row-major integers of input {@code index}. */
  long[] longs(int index) {
    return switch (value(index)) {
      case Longs longs -> longs.values();
      case Value.Torch(Tensor tensor) -> Tensors.longs(tensor);
      case Value.Text _ ->
          throw new IllegalArgumentException("input " + index + " is strings; wanted integers");
    };
  }

  /** Returns the one number of input {@code index}. */
  double number(int index) {
    Value value = value(index);
    return value instanceof Longs longs ? longs.values()[0] : tensor(index).item_double();
  }

  /** Returns the axes given by input {@code index}, by the attribute in older opsets, or none. */
  long[] axes(int index) {
    return has(index) ? longs(index) : node.intsAttribute("axes");
  }
}
