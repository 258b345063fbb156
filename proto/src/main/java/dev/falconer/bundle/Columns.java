package dev.falconer.bundle;

import com.google.protobuf.ByteString;
import dev.falconer.v1.Column;
import dev.falconer.v1.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Packs values into columns and back. Layouts as {@code ranking.proto} says. */
public final class Columns {
  private Columns() {}

  /** Returns a FLOAT32 column of rows of the given shape. */
  public static Column floats(String name, float[] values, long... rowShape) {
    ByteBuffer bytes = little(values.length * 4L);
    bytes.asFloatBuffer().put(values);
    return column(name, DataType.FLOAT32, ByteString.copyFrom(bytes), rowShape);
  }

  /** Returns an INT64 column of rows of the given shape. */
  public static Column longs(String name, long[] values, long... rowShape) {
    ByteBuffer bytes = little(values.length * 8L);
    bytes.asLongBuffer().put(values);
    return column(name, DataType.INT64, ByteString.copyFrom(bytes), rowShape);
  }

  /** Returns a STRING column of rows of the given shape. */
  public static Column strings(String name, List<String> values, long... rowShape) {
    var utf8 = values.stream().map(value -> value.getBytes(StandardCharsets.UTF_8)).toList();
    ByteBuffer bytes = little(utf8.stream().mapToLong(value -> value.length + 4L).sum());
    for (byte[] value : utf8) {
      bytes.putInt(value.length).put(value);
    }
    return column(name, DataType.STRING, ByteString.copyFrom(bytes.flip()), rowShape);
  }

  /** Returns a column over packed bytes. */
  public static Column column(String name, DataType dtype, ByteString data, long... rowShape) {
    var column = Column.newBuilder().setName(name).setDtype(dtype).setData(data);
    for (long length : rowShape) {
      column.addRowShape(length);
    }
    return column.build();
  }

  /** Returns bytes per element; 0 for strings. Throws IllegalArgumentException when unspecified. */
  public static int elementBytes(DataType dtype) {
    return switch (dtype) {
      case FLOAT32, INT32 -> 4;
      case FLOAT64, INT64 -> 8;
      case INT16 -> 2;
      case INT8, UINT8, BOOL -> 1;
      case STRING -> 0;
      case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("data type " + dtype);
    };
  }

  /** Returns the values of packed float32 bytes. */
  public static float[] toFloats(ByteString data) {
    var values = new float[data.size() / 4];
    data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  /** Returns the values of packed int64 bytes. */
  public static long[] toLongs(ByteString data) {
    var values = new long[data.size() / 8];
    data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
    return values;
  }

  /**
   * Returns the values of packed strings.
   *
   * @throws IllegalArgumentException when a length runs past the bytes
   */
  public static List<String> toStrings(ByteString data) {
    var values = new java.util.ArrayList<String>();
    ByteBuffer bytes = data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      int length = bytes.remaining() < 4 ? -1 : bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw new IllegalArgumentException(
            "string " + values.size() + " runs past the " + data.size() + " bytes of its column");
      }
      values.add(
          data.substring(bytes.position(), bytes.position() + length)
              .toString(StandardCharsets.UTF_8));
      bytes.position(bytes.position() + length);
    }
    return values;
  }

  private static ByteBuffer little(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
