package dev.falconer.compressor.onnx;

import java.util.ArrayList;

/** Cuts and repeats tensors along an axis. */
public final class Tensors {
  private Tensors() {}

  /** Returns the part [from, to) of an axis, a copy. */
  public static TensorData slice(TensorData tensor, int axis, long from, long to) {
    long[] dims = tensor.shape().dims();
    long inner = product(dims, axis + 1, dims.length);
    long outer = product(dims, 0, axis);
    long length = dims[axis];
    dims[axis] = to - from;
    Shape shape = Shape.of(dims);
    return switch (tensor) {
      case StringTensor strings -> {
        var values = new ArrayList<String>();
        for (long i = 0; i < outer; i++) {
          long start = (i * length + from) * inner;
          values.addAll(strings.values().subList((int) start, (int) (start + (to - from) * inner)));
        }
        yield new StringTensor(shape, values);
      }
      case NumericTensor numbers -> {
        NumericTensor part = NumericTensor.allocate(numbers.dtype(), shape);
        long block = inner * numbers.dtype().bytes();
        for (long i = 0; i < outer; i++) {
          part.bytes()
              .asSlice(i * (to - from) * block, (to - from) * block)
              .copyFrom(numbers.bytes().asSlice((i * length + from) * block, (to - from) * block));
        }
        yield part;
      }
    };
  }

  /** Returns the elements at some places of an axis, in their order, a copy. */
  public static NumericTensor picked(NumericTensor tensor, int axis, int... places) {
    long[] dims = tensor.shape().dims();
    long outer = product(dims, 0, axis);
    long block = product(dims, axis + 1, dims.length) * tensor.dtype().bytes();
    long length = dims[axis];
    dims[axis] = places.length;
    NumericTensor part = NumericTensor.allocate(tensor.dtype(), Shape.of(dims));
    for (long i = 0; i < outer; i++) {
      for (int p = 0; p < places.length; p++) {
        part.bytes()
            .asSlice((i * places.length + p) * block, block)
            .copyFrom(tensor.bytes().asSlice((i * length + places[p]) * block, block));
      }
    }
    return part;
  }

  /** Returns a tensor of one row [1, ...] repeated along axis 0. */
  public static TensorData repeat(TensorData tensor, long times) {
    long[] dims = tensor.shape().dims();
    dims[0] = times;
    Shape shape = Shape.of(dims);
    return switch (tensor) {
      case StringTensor strings -> {
        var values = new ArrayList<String>();
        for (long i = 0; i < times; i++) {
          values.addAll(strings.values());
        }
        yield new StringTensor(shape, values);
      }
      case NumericTensor numbers -> {
        NumericTensor all = NumericTensor.allocate(numbers.dtype(), shape);
        long row = numbers.bytes().byteSize();
        for (long i = 0; i < times; i++) {
          all.bytes().asSlice(i * row, row).copyFrom(numbers.bytes());
        }
        yield all;
      }
    };
  }

  private static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }
}
