package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Where a tensor lies, row-major, and its shape. */
public final class TensorView {
  /** Most axes of a tensor. */
  static final int AXES = 8;

  /** Bytes that reading a tensor's shape takes. */
  static final long SCRATCH = AXES * (long) Long.BYTES;

  private final long[] dims = new long[AXES];
  private long address;
  private int rank;
  private boolean isBytes;

  TensorView() {}

  /** Becomes the view of an operator's input. */
  void read(Operator operator, int index, long value, MemorySegment scratch) {
    long out = scratch.address();
    OrtApi.data(value, out);
    address = scratch.get(JAVA_LONG, 0);
    OrtApi.typeAndShape(value, out);
    long info = scratch.get(JAVA_LONG, 0);
    try {
      OrtApi.elementType(info, out);
      int type = scratch.get(JAVA_INT, 0);
      ElementType wanted = operator.inputs().get(index).type();
      isBytes = type == ElementType.UINT8.code();
      if (!wanted.takes(type)) {
        throw new IllegalArgumentException(
            "%s: input %d has elements of ONNX type %d, want %s"
                .formatted(operator.name(), index, type, wanted));
      }
      OrtApi.rank(info, out);
      long axes = scratch.get(JAVA_LONG, 0);
      if (axes > AXES) {
        throw new IllegalArgumentException(
            "%s: input %d has %d axes, at most %d".formatted(operator.name(), index, axes, AXES));
      }
      rank = (int) axes;
      OrtApi.dimensions(info, out, rank);
      for (int axis = 0; axis < rank; axis++) {
        dims[axis] = scratch.getAtIndex(JAVA_LONG, axis);
      }
    } finally {
      OrtApi.release(info);
    }
  }

  /** Returns the address of the first element. */
  public long address() {
    return address;
  }

  /** Returns whether the elements are unsigned bytes. */
  boolean isBytes() {
    return isBytes;
  }

  /** Returns the number of axes. */
  public int rank() {
    return rank;
  }

  /** Returns the length of an axis; -1 is the last. */
  public long dim(int axis) {
    return dims[axis < 0 ? rank + axis : axis];
  }

  /** Returns the product of all lengths but the last: the rows of a matrix of the last axis. */
  public long rows() {
    long rows = 1;
    for (int axis = 0; axis < rank - 1; axis++) {
      rows *= dims[axis];
    }
    return rows;
  }

  /** Returns the number of elements. */
  public long size() {
    return rank == 0 ? 1 : rows() * dim(-1);
  }

  /** Returns the shape, for errors. */
  @Override
  public String toString() {
    return java.util.Arrays.toString(java.util.Arrays.copyOf(dims, rank));
  }
}
