package dev.falconer.compressor.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers in native memory: row-major, little-endian, 64-byte aligned when allocated here, freed by
 * the garbage collector unless the memory was handed in. Native, so that libtorch and ONNX Runtime
 * read it without a copy. Equal when type, shape and bytes are. Treated as immutable once
 * published.
 */
public final class NumericTensor implements TensorData {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  static {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new ExceptionInInitializerError("needs a little-endian machine");
    }
  }

  private final DType dtype;
  private final Shape shape;
  private final MemorySegment bytes;

  private NumericTensor(DType dtype, Shape shape, MemorySegment bytes) {
    long wanted = Math.multiplyExact(shape.size(), dtype.bytes());
    if (dtype == DType.STRING || bytes.byteSize() != wanted) {
      throw new IllegalArgumentException(
          "%s%s takes %d bytes, got %d".formatted(dtype, shape, wanted, bytes.byteSize()));
    }
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = bytes;
  }

  /** Returns a tensor over the given memory, not copied. */
  public static NumericTensor over(DType dtype, Shape shape, MemorySegment bytes) {
    return new NumericTensor(dtype, shape, bytes);
  }

  /**
   * Returns a zero tensor of its own memory, to be filled through {@link #bytes()} before it is
   * published.
   */
  public static NumericTensor allocate(DType dtype, Shape shape) {
    long size = Math.multiplyExact(shape.size(), dtype.bytes());
    // An empty allocation has no address some native callers accept: one spare vector, sliced to
    // nothing.
    MemorySegment memory = Arena.ofAuto().allocate(Math.max(size, 64), 64);
    return new NumericTensor(dtype, shape, memory.asSlice(0, size));
  }

  static NumericTensor of(Shape shape, float[] values) {
    return copied(DType.FLOAT32, shape, MemorySegment.ofArray(values));
  }

  static NumericTensor of(Shape shape, double[] values) {
    return copied(DType.FLOAT64, shape, MemorySegment.ofArray(values));
  }

  static NumericTensor of(Shape shape, long[] values) {
    return copied(DType.INT64, shape, MemorySegment.ofArray(values));
  }

  static NumericTensor of(Shape shape, boolean[] values) {
    var bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return copied(DType.BOOL, shape, MemorySegment.ofArray(bytes));
  }

  /** Returns a tensor of its own memory with a copy of the little-endian bytes. */
  public static NumericTensor copied(DType dtype, Shape shape, MemorySegment source) {
    long wanted = Math.multiplyExact(shape.size(), dtype.bytes());
    if (source.byteSize() != wanted) {
      throw new IllegalArgumentException(
          "%s%s takes %d bytes, got %d".formatted(dtype, shape, wanted, source.byteSize()));
    }
    NumericTensor tensor = allocate(dtype, shape);
    tensor.bytes.copyFrom(source);
    return tensor;
  }

  /**
   * Returns a float tensor of row-major values, each rounded to the nearest of the type.
   *
   * @throws IllegalArgumentException for a finite value that the type cannot hold, and types that
   *     are no floats
   */
  public static NumericTensor rounded(DType dtype, Shape shape, double... values) {
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          "%d values for %s%s".formatted(values.length, dtype, shape));
    }
    NumericTensor tensor = allocate(dtype, shape);
    for (int i = 0; i < values.length; i++) {
      float value = (float) values[i];
      switch (dtype) {
        case FLOAT32 -> tensor.bytes.setAtIndex(FLOAT, i, value);
        case FLOAT64 -> tensor.bytes.setAtIndex(DOUBLE, i, values[i]);
        case FLOAT16 -> tensor.bytes.setAtIndex(SHORT, i, Float.floatToFloat16(value));
        case BFLOAT16 -> tensor.bytes.setAtIndex(SHORT, i, floatToBfloat16(value));
        case UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, UINT32, UINT64 ->
            throw new IllegalArgumentException(dtype + " is no float type");
      }
      if (Double.isFinite(values[i]) && !Double.isFinite(tensor.at(i))) {
        throw new IllegalArgumentException(values[i] + " is outside the range of " + dtype);
      }
    }
    return tensor;
  }

  /** Rounds to the nearest, ties to even: the upper half of the float's bits. */
  private static short floatToBfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    int odd = (bits >>> 16) & 1;
    return (short) ((bits + 0x7fff + odd) >>> 16);
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  /** Returns the elements' memory. */
  public MemorySegment bytes() {
    return bytes;
  }

  /** Returns the same elements under another shape of the same size. */
  public NumericTensor reshaped(Shape other) {
    return new NumericTensor(dtype, other, bytes);
  }

  /** Returns element {@code index} of the row-major order as a double; bool as 0 or 1. */
  public double at(long index) {
    return switch (dtype) {
      case FLOAT32 -> bytes.getAtIndex(FLOAT, index);
      case FLOAT64 -> bytes.getAtIndex(DOUBLE, index);
      case FLOAT16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, index));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, index) << 16);
      case INT64, UINT64, INT32, UINT32, INT16, UINT16, INT8, UINT8, BOOL -> longAt(index);
      case STRING -> throw new IllegalStateException("strings are no numbers");
    };
  }

  /** Returns element {@code index} of an integer or bool tensor. */
  public long longAt(long index) {
    return switch (dtype) {
      case INT64, UINT64 -> bytes.getAtIndex(LONG, index);
      case INT32 -> bytes.getAtIndex(INT, index);
      case UINT32 -> Integer.toUnsignedLong(bytes.getAtIndex(INT, index));
      case INT16 -> bytes.getAtIndex(SHORT, index);
      case UINT16 -> Short.toUnsignedLong(bytes.getAtIndex(SHORT, index));
      case INT8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index);
      case UINT8 -> Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, index));
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, STRING ->
          throw new IllegalStateException(dtype + " is no integer type");
    };
  }

  /** Returns the elements as floats, a copy, rounded where the type is wider. */
  public float[] toFloats() {
    if (dtype == DType.FLOAT32) {
      return bytes.toArray(FLOAT);
    }
    var values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) at(i);
    }
    return values;
  }

  /** Returns the elements as doubles, a copy. */
  public double[] toDoubles() {
    var values = new double[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = at(i);
    }
    return values;
  }

  /** Returns the elements of an integer or bool tensor, a copy. */
  public long[] toLongs() {
    if (dtype == DType.INT64) {
      return bytes.toArray(LONG);
    }
    var values = new long[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = longAt(i);
    }
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NumericTensor tensor
        && dtype == tensor.dtype
        && shape.equals(tensor.shape)
        && bytes.mismatch(tensor.bytes) == -1;
  }

  @Override
  public int hashCode() {
    long prefix = Math.min(bytes.byteSize(), 256);
    return Arrays.hashCode(bytes.asSlice(0, prefix).toArray(ValueLayout.JAVA_BYTE)) * 31
        + shape.hashCode();
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
