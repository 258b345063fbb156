package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Cuts and adds blocks of rows of a weight [in, out]. */
final class WeightRows {
  /** Rows [from, from + rows) times a sign. */
  record Block(long from, long rows, int sign) {}

  private WeightRows() {}

  /** Returns the sum of blocks of equal height; one block as a view of the weight. */
  static NumericTensor sum(NumericTensor weight, List<Block> blocks) {
    Block first = blocks.getFirst();
    long width = weight.shape().dim(1);
    Shape shape = Shape.of(first.rows(), width);
    if (blocks.size() == 1 && first.sign() == 1) {
      long row = width * weight.dtype().bytes();
      return NumericTensor.over(
          weight.dtype(), shape, weight.bytes().asSlice(first.from() * row, first.rows() * row));
    }
    var sum = NumericTensor.allocate(weight.dtype(), shape);
    for (long i = 0; i < sum.shape().size(); i++) {
      double value = 0;
      for (Block block : blocks) {
        value += block.sign() * weight.at(block.from() * width + i);
      }
      put(sum, i, value);
    }
    return sum;
  }

  private static void put(NumericTensor tensor, long index, double value) {
    if (tensor.dtype() == DType.FLOAT32) {
      tensor.bytes().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
    } else if (tensor.dtype() == DType.FLOAT64) {
      tensor.bytes().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, value);
    } else {
      throw new IllegalArgumentException("weights of type " + tensor.dtype() + " are not added");
    }
  }

  /** Returns a weight [out, in] as [in, out]. */
  static NumericTensor transposed(NumericTensor weight) {
    long rows = weight.shape().dim(0);
    long columns = weight.shape().dim(1);
    int size = weight.dtype().bytes();
    var turned = NumericTensor.allocate(weight.dtype(), Shape.of(columns, rows));
    for (long i = 0; i < rows; i++) {
      for (long j = 0; j < columns; j++) {
        MemorySegment.copy(
            weight.bytes(), (i * columns + j) * size, turned.bytes(), (j * rows + i) * size, size);
      }
    }
    return turned;
  }

  /** Returns a tensor times a number. */
  static NumericTensor scaled(NumericTensor tensor, float factor) {
    if (factor == 1) {
      return tensor;
    }
    var scaled = NumericTensor.allocate(tensor.dtype(), tensor.shape());
    for (long i = 0; i < tensor.shape().size(); i++) {
      put(scaled, i, tensor.at(i) * factor);
    }
    return scaled;
  }

  /** Returns blocks [rows_i, out] under each other. */
  static NumericTensor stacked(List<NumericTensor> blocks) {
    if (blocks.size() == 1) {
      return blocks.getFirst();
    }
    long rows = blocks.stream().mapToLong(block -> block.shape().dim(0)).sum();
    NumericTensor first = blocks.getFirst();
    var all = NumericTensor.allocate(first.dtype(), Shape.of(rows, first.shape().dim(1)));
    long at = 0;
    for (NumericTensor block : blocks) {
      MemorySegment bytes = block.bytes();
      all.bytes().asSlice(at, bytes.byteSize()).copyFrom(bytes);
      at += bytes.byteSize();
    }
    return all;
  }
}
