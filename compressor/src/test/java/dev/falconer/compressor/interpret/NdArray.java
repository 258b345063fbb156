package dev.falconer.compressor.interpret;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Elements of any number type as doubles, row-major. Not changed once it is handed on. */
final class NdArray {
  final DType dtype;
  final int[] dims;
  final double[] data;

  NdArray(DType dtype, int[] dims, double[] data) {
    this.dtype = dtype;
    this.dims = dims;
    this.data = data;
    if (data.length != size(dims)) {
      throw new IllegalArgumentException(
          data.length + " elements for shape " + Arrays.toString(dims));
    }
  }

  static NdArray zeros(DType dtype, int... dims) {
    return new NdArray(dtype, dims, new double[size(dims)]);
  }

  static NdArray longs(int... values) {
    var data = new double[values.length];
    Arrays.setAll(data, i -> values[i]);
    return new NdArray(DType.INT64, new int[] {values.length}, data);
  }

  static int size(int[] dims) {
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    return size;
  }

  static NdArray of(TensorData tensor) {
    int[] dims = Arrays.stream(tensor.shape().dims()).mapToInt(Math::toIntExact).toArray();
    return new NdArray(tensor.dtype(), dims, ((NumericTensor) tensor).toDoubles());
  }

  NumericTensor tensor() {
    Shape shape = Shape.of(Arrays.stream(dims).asLongStream().toArray());
    return switch (dtype) {
      case FLOAT64 -> NumericTensor.copied(dtype, shape, MemorySegment.ofArray(data));
      case FLOAT32 -> {
        var floats = new float[data.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) data[i];
        }
        yield TensorData.floats(shape, floats);
      }
      case INT64 -> TensorData.longs(shape, longs());
      case BOOL -> {
        var bytes = new byte[data.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) data[i];
        }
        yield NumericTensor.copied(dtype, shape, MemorySegment.ofArray(bytes));
      }
      default -> throw new IllegalArgumentException("no result of type " + dtype);
    };
  }

  int rank() {
    return dims.length;
  }

  /** Returns the elements as integers, a copy. */
  long[] longs() {
    var values = new long[data.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (long) data[i];
    }
    return values;
  }

  NdArray reshaped(int... others) {
    return new NdArray(dtype, others, data);
  }

  /** Returns the product of dims [from, to). */
  int extent(int from, int to) {
    int extent = 1;
    for (int i = from; i < to; i++) {
      extent *= dims[i];
    }
    return extent;
  }

  /** Returns the distance in {@code data} of neighbours along each axis. */
  int[] strides() {
    var strides = new int[dims.length];
    int stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /**
   * Returns an array whose element at each index of {@code shape} is the one at {@code start} plus
   * the index times the strides.
   */
  NdArray strided(int[] shape, int start, int[] strides) {
    NdArray out = zeros(dtype, shape);
    var index = new int[shape.length];
    int from = start;
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = data[from];
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        from -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return out;
  }

  /** Returns it repeated to a shape that it broadcasts to. */
  NdArray broadcast(int[] shape) {
    if (Arrays.equals(dims, shape)) {
      return this;
    }
    var strides = new int[shape.length];
    int[] own = strides();
    for (int i = 0; i < dims.length; i++) {
      int at = shape.length - dims.length + i;
      if (at < 0 || (dims[i] != 1 && dims[i] != shape[at])) {
        throw new IllegalArgumentException(
            "cannot broadcast " + Arrays.toString(dims) + " to " + Arrays.toString(shape));
      }
      strides[at] = dims[i] == 1 ? 0 : own[i];
    }
    return strided(shape, 0, strides);
  }

  /** Returns the shape that two shapes broadcast to. */
  static int[] joined(int[] a, int[] b) {
    var shape = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= shape.length; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException(
            "cannot broadcast " + Arrays.toString(a) + " with " + Arrays.toString(b));
      }
      shape[shape.length - i] = left == 1 ? right : left;
    }
    return shape;
  }
}
