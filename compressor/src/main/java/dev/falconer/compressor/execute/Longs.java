package dev.falconer.compressor.execute;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A small int64 tensor kept in Java, row-major. The arrays are never written after construction.
 */
final class Longs implements Value {
  private final long[] dims;
  private final long[] values;

  Longs(long[] dims, long[] values) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    if (size != values.length) {
      throw new IllegalArgumentException(
          values.length + " integers for shape " + java.util.Arrays.toString(dims));
    }
    this.dims = dims;
    this.values = values;
  }

  static Longs vector(long... values) {
    return new Longs(new long[] {values.length}, values);
  }

  static Longs scalar(long value) {
    return new Longs(new long[0], new long[] {value});
  }

  long[] dims() {
    return dims;
  }

  long[] values() {
    return values;
  }

  int rank() {
    return dims.length;
  }

  int size() {
    return values.length;
  }

  Tensor toTensor() {
    Tensor flat =
        values.length == 0
            ? torch.empty(new long[] {0}, Tensors.options(torch.ScalarType.Long), null)
            : torch.tensor(values);
    return dims.length == 1 ? flat : flat.reshape(dims);
  }
}
