package dev.falconer.server.wire;

import com.google.protobuf.ByteString;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.memory.NativeMemory;
import dev.falconer.server.memory.Slabs;
import java.util.ArrayList;
import java.util.List;

/** Reads columns of a message. Numbers are copied once, from the message into a slab. */
final class ColumnReader {
  private ColumnReader() {}

  /** Returns the bytes of slab that the columns need. */
  static long slabBytes(List<dev.falconer.v1.Column> columns) {
    long bytes = 0;
    for (var column : columns) {
      bytes += NativeMemory.aligned(column.getData().size());
    }
    return bytes;
  }

  static List<Column> read(List<dev.falconer.v1.Column> columns, Slabs.Slab slab) {
    var read = new ArrayList<Column>(columns.size());
    for (var column : columns) {
      read.add(read(column, slab));
    }
    return read;
  }

  private static Column read(dev.falconer.v1.Column column, Slabs.Slab slab) {
    var dtype = dtype(column);
    List<Long> rowShape =
        column.getRowShapeCount() == 0 ? List.of() : List.copyOf(column.getRowShapeList());
    var data = column.getData();
    if (dtype == DType.STRING) {
      return Column.ofStrings(column.getName(), rowShape, strings(column.getName(), data));
    }
    var memory = slab.take(data.size());
    data.copyTo(memory.asByteBuffer());
    return Column.ofNumbers(column.getName(), dtype, rowShape, memory);
  }

  private static DType dtype(dev.falconer.v1.Column column) {
    return switch (column.getDtype()) {
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      case INT8 -> DType.INT8;
      case UINT8 -> DType.UINT8;
      case INT16 -> DType.INT16;
      case INT32 -> DType.INT32;
      case INT64 -> DType.INT64;
      case BOOL -> DType.BOOL;
      case STRING -> DType.STRING;
      case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw RequestException.invalid(
              "column '"
                  + column.getName()
                  + "': no data type has the number "
                  + column.getDtypeValue());
    };
  }

  /** Strings lie as 4 bytes of little-endian length, then that many bytes of UTF-8. */
  private static String[] strings(String name, ByteString data) {
    var strings = new ArrayList<String>();
    int at = 0;
    while (at < data.size()) {
      if (data.size() - at < Integer.BYTES) {
        throw broken(
            name, strings.size(), "its length is cut off after " + (data.size() - at) + " bytes");
      }
      int length = 0;
      for (int i = 0; i < Integer.BYTES; i++) {
        length |= (data.byteAt(at + i) & 0xff) << (8 * i);
      }
      at += Integer.BYTES;
      if (length < 0 || length > data.size() - at) {
        throw broken(
            name,
            strings.size(),
            "its length says "
                + Integer.toUnsignedString(length)
                + " bytes, "
                + (data.size() - at)
                + " are left");
      }
      var bytes = data.substring(at, at + length);
      if (!bytes.isValidUtf8()) {
        throw broken(name, strings.size(), "it is not UTF-8");
      }
      strings.add(bytes.toStringUtf8());
      at += length;
    }
    return strings.toArray(String[]::new);
  }

  private static RequestException broken(String name, int index, String why) {
    return RequestException.invalid("column '" + name + "': string " + index + ": " + why);
  }
}
