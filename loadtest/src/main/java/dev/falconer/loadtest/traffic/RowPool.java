package dev.falconer.loadtest.traffic;

import com.google.protobuf.ByteString;
import dev.falconer.bundle.Columns;
import dev.falconer.client.FeatureColumn;
import dev.falconer.v1.Column;
import dev.falconer.v1.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of one column over many golden requests, to draw from. Row i of each pool of a group
 * (history, candidates) comes from the same event or candidate, so a drawn row is a real one.
 */
final class RowPool {
  private final String name;
  private final DataType dtype;
  private final int[] rowShape;
  private final List<ByteString> rows;

  private RowPool(String name, DataType dtype, int[] rowShape, List<ByteString> rows) {
    this.name = name;
    this.dtype = dtype;
    this.rowShape = rowShape;
    this.rows = rows;
  }

  /** Returns the rows of the columns, which are the same column of several requests. */
  static RowPool of(List<Column> columns) {
    var first = columns.getFirst();
    var shape = first.getRowShapeList().stream().mapToInt(Math::toIntExact).toArray();
    var rows = new ArrayList<ByteString>();
    columns.forEach(column -> rows.addAll(split(column)));
    return new RowPool(first.getName(), first.getDtype(), shape, List.copyOf(rows));
  }

  int size() {
    return rows.size();
  }

  String name() {
    return name;
  }

  /** Returns the column made of these rows, in this order. */
  FeatureColumn gather(int[] picks) {
    var type = FeatureColumn.Type.valueOf(dtype.name());
    return FeatureColumn.wrap(name, type, buffer(picks), rowShape);
  }

  /** Returns the bytes of these rows, in this order. */
  ByteString bytes(int[] picks) {
    return ByteString.copyFrom(buffer(picks));
  }

  private ByteBuffer buffer(int[] picks) {
    int size = 0;
    for (int pick : picks) {
      size += rows.get(pick).size();
    }
    var bytes = ByteBuffer.allocate(size);
    for (int pick : picks) {
      rows.get(pick).copyTo(bytes);
    }
    return bytes.flip();
  }

  /** Returns a column's rows as bytes. */
  private static List<ByteString> split(Column column) {
    long width =
        column.getRowShapeList().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    var rows = new ArrayList<ByteString>();
    var data = column.getData();
    int at = 0;
    while (at < data.size()) {
      int end = at;
      if (column.getDtype() == DataType.STRING) {
        var bytes = data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < width; i++) {
          end += Integer.BYTES + bytes.getInt(end);
        }
      } else {
        end += Math.toIntExact(width * Columns.elementBytes(column.getDtype()));
      }
      rows.add(data.substring(at, end));
      at = end;
    }
    return rows;
  }
}
