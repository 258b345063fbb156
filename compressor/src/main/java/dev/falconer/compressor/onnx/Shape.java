package dev.falconer.compressor.onnx;

import java.util.Arrays;

/** Known lengths of a tensor's axes. Immutable. */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /** Returns the shape of the given axis lengths, each >= 0; none for a scalar. */
  public static Shape of(long... dims) {
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative length in shape " + Arrays.toString(dims));
      }
    }
    return new Shape(dims.clone());
  }

  /** Returns the number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Returns the length of an axis; negative axes count from the end. */
  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** Returns the axis lengths, a copy. */
  public long[] dims() {
    return dims.clone();
  }

  /** Returns the number of elements; 1 for a scalar. Throws ArithmeticException on overflow. */
  public long size() {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
