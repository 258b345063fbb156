package dev.falconer.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.falconer.v1.Column;
import dev.falconer.v1.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A named column of rows: history events (oldest first), candidates, or the single row of a
 * request. Rows are scalars, or tensors of {@code rowShape}, row-major and back to back.
 *
 * <p>Arrays are packed by one bulk copy, without boxing; the array may be reused at once. {@link
 * #wrap} takes bytes that are little-endian already: those on the heap without a copy, those off
 * the heap by one, which protobuf makes. Such memory must stay as it is until the call has ended.
 */
public final class FeatureColumn {
  /** Element types that a column can hold. */
  public enum Type {
    /** 4 bytes, IEEE 754. */
    FLOAT32(DataType.FLOAT32, Float.BYTES),
    /** 8 bytes, IEEE 754. */
    FLOAT64(DataType.FLOAT64, Double.BYTES),
    /** 1 byte, signed. */
    INT8(DataType.INT8, Byte.BYTES),
    /** 1 byte, unsigned. */
    UINT8(DataType.UINT8, Byte.BYTES),
    /** 2 bytes, signed. */
    INT16(DataType.INT16, Short.BYTES),
    /** 4 bytes, signed. */
    INT32(DataType.INT32, Integer.BYTES),
    /** 8 bytes, signed. */
    INT64(DataType.INT64, Long.BYTES),
    /** 1 byte, 0 or 1. */
    BOOL(DataType.BOOL, Byte.BYTES),
    /** 4 bytes of little-endian length, then UTF-8. */
    STRING(DataType.STRING, 0);

    private final DataType wire;
    private final int bytes;

    Type(DataType wire, int bytes) {
      this.wire = wire;
      this.bytes = bytes;
    }
  }

  private static final int LENGTH_BYTES = Integer.BYTES;

  private final String name;
  private final Type type;
  private final List<Long> rowShape;
  private final int rows;
  private final ByteString data;

  private FeatureColumn(String name, Type type, List<Long> rowShape, int rows, ByteString data) {
    this.name = name;
    this.type = type;
    this.rowShape = rowShape;
    this.rows = rows;
    this.data = data;
  }

  /** Returns a FLOAT32 column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn floats(String name, float[] values, int... rowShape) {
    var bytes = new byte[size(values.length, Float.BYTES)];
    littleEndian(bytes).asFloatBuffer().put(values);
    return packed(name, Type.FLOAT32, values.length, bytes, rowShape);
  }

  /** Returns a FLOAT64 column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn doubles(String name, double[] values, int... rowShape) {
    var bytes = new byte[size(values.length, Double.BYTES)];
    littleEndian(bytes).asDoubleBuffer().put(values);
    return packed(name, Type.FLOAT64, values.length, bytes, rowShape);
  }

  /** Returns an INT32 column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn ints(String name, int[] values, int... rowShape) {
    var bytes = new byte[size(values.length, Integer.BYTES)];
    littleEndian(bytes).asIntBuffer().put(values);
    return packed(name, Type.INT32, values.length, bytes, rowShape);
  }

  /** Returns an INT64 column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn longs(String name, long[] values, int... rowShape) {
    var bytes = new byte[size(values.length, Long.BYTES)];
    littleEndian(bytes).asLongBuffer().put(values);
    return packed(name, Type.INT64, values.length, bytes, rowShape);
  }

  /** Returns a BOOL column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn booleans(String name, boolean[] values, int... rowShape) {
    var bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return packed(name, Type.BOOL, values.length, bytes, rowShape);
  }

  /** Returns a STRING column of {@code values.length / product(rowShape)} rows. */
  public static FeatureColumn strings(String name, String[] values, int... rowShape) {
    var encoded = new byte[values.length][];
    long total = 0;
    for (int i = 0; i < values.length; i++) {
      encoded[i] = values[i].getBytes(StandardCharsets.UTF_8);
      total += LENGTH_BYTES + encoded[i].length;
    }
    var bytes = new byte[size(total, 1)];
    var cursor = littleEndian(bytes);
    for (byte[] value : encoded) {
      cursor.putInt(value.length).put(value);
    }
    return packed(name, Type.STRING, values.length, bytes, rowShape);
  }

  /**
   * Returns a column over the remaining bytes of {@code data}, heap or direct. They are
   * little-endian whatever the buffer's order says, and must not change until the call ends.
   */
  public static FeatureColumn wrap(String name, Type type, ByteBuffer data, int... rowShape) {
    var bytes = UnsafeByteOperations.unsafeWrap(data.slice());
    long elements =
        type == Type.STRING ? stringElements(name, bytes) : (long) bytes.size() / type.bytes;
    if (type != Type.STRING && bytes.size() % type.bytes != 0) {
      throw new IllegalArgumentException(
          "column '%s': %d bytes are no whole number of %s elements of %d bytes"
              .formatted(name, bytes.size(), type, type.bytes));
    }
    return of(name, type, elements, bytes, rowShape);
  }

  /**
   * Returns a column over native memory or a byte array's segment, little-endian, at most 2 GiB.
   * The segment must stay alive and unchanged until the call ends.
   */
  public static FeatureColumn wrap(String name, Type type, MemorySegment data, int... rowShape) {
    return wrap(name, type, data.asByteBuffer(), rowShape);
  }

  /** Returns the input's name. */
  public String name() {
    return name;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /**
   * Returns rows {@code from} (included) to {@code to} (excluded), sharing this column's memory.
   */
  public FeatureColumn rows(int from, int to) {
    if (from < 0 || to < from || to > rows) {
      throw new IndexOutOfBoundsException(
          "column '%s': rows %d to %d of %d".formatted(name, from, to, rows));
    }
    int start = offset(from, 0, 0);
    int end = offset(to, from, start);
    return new FeatureColumn(name, type, rowShape, to - from, data.substring(start, end));
  }

  Column toProto() {
    return Column.newBuilder()
        .setName(name)
        .setDtype(type.wire)
        .addAllRowShape(rowShape)
        .setData(data)
        .build();
  }

  @Override
  public String toString() {
    return "%s %s[%d rows of %s]".formatted(name, type, rows, rowShape);
  }

  /** Byte offset of a row, given that of an earlier one. */
  private int offset(int row, int earlierRow, int earlierOffset) {
    int width = product(rowShape);
    if (type != Type.STRING) {
      return row * width * type.bytes;
    }
    int at = earlierOffset;
    for (long i = (long) earlierRow * width; i < (long) row * width; i++) {
      at += LENGTH_BYTES + lengthAt(data, at);
    }
    return at;
  }

  private static int size(long elements, int elementBytes) {
    return Math.toIntExact(elements * elementBytes);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static FeatureColumn packed(
      String name, Type type, int elements, byte[] bytes, int... rowShape) {
    return of(name, type, elements, UnsafeByteOperations.unsafeWrap(bytes), rowShape);
  }

  private static FeatureColumn of(
      String name, Type type, long elements, ByteString bytes, int... rowShape) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a column needs the name of the model input it feeds");
    }
    var shape = new ArrayList<Long>(rowShape.length);
    for (int axis : rowShape) {
      if (axis < 1) {
        throw new IllegalArgumentException(
            "column '%s': row shape %s has an axis below 1"
                .formatted(name, Arrays.toString(rowShape)));
      }
      shape.add((long) axis);
    }
    int width = product(shape);
    if (elements % width != 0) {
      throw new IllegalArgumentException(
          "column '%s': %d values are no whole number of rows of shape %s"
              .formatted(name, elements, Arrays.toString(rowShape)));
    }
    return new FeatureColumn(
        name, type, List.copyOf(shape), Math.toIntExact(elements / width), bytes);
  }

  private static int product(List<Long> shape) {
    long product = 1;
    for (long axis : shape) {
      product = Math.multiplyExact(product, axis);
    }
    return Math.toIntExact(product);
  }

  private static long stringElements(String name, ByteString bytes) {
    long count = 0;
    int at = 0;
    while (at < bytes.size()) {
      if (bytes.size() - at < LENGTH_BYTES
          || lengthAt(bytes, at) < 0
          || lengthAt(bytes, at) > bytes.size() - at - LENGTH_BYTES) {
        throw new IllegalArgumentException(
            "column '%s': string %d at byte %d runs past the %d bytes given"
                .formatted(name, count, at, bytes.size()));
      }
      at += LENGTH_BYTES + lengthAt(bytes, at);
      count++;
    }
    return count;
  }

  private static int lengthAt(ByteString bytes, int at) {
    return (bytes.byteAt(at) & 0xff)
        | (bytes.byteAt(at + 1) & 0xff) << 8
        | (bytes.byteAt(at + 2) & 0xff) << 16
        | (bytes.byteAt(at + 3) & 0xff) << 24;
  }
}
