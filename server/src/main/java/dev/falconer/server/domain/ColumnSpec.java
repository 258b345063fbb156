package dev.falconer.server.domain;

import java.util.List;

/**
 * A column that a model reads.
 *
 * @param rowShape shape of one row
 * @param isHistory whether a USER column has one row per history event
 * @param leading number of 1s before the rows' axis in the split graphs' input
 */
public record ColumnSpec(
    String name, Role role, DType dtype, List<Long> rowShape, boolean isHistory, int leading) {
  /** Copies the shape and checks it. */
  public ColumnSpec {
    rowShape = List.copyOf(rowShape);
    for (long length : rowShape) {
      if (length < 1) {
        throw new IllegalArgumentException("column " + name + ": row shape " + rowShape);
      }
    }
    if (leading < 0 || leading > 1) {
      throw new IllegalArgumentException(
          "column " + name + ": leading " + leading + ", not 0 or 1");
    }
  }

  /** Returns the elements of one row. */
  public long rowElements() {
    long elements = 1;
    for (long length : rowShape) {
      elements = Math.multiplyExact(elements, length);
    }
    return elements;
  }

  /** Returns the size of one row: bytes of numbers, or how many strings. */
  public long rowSize() {
    return dtype == DType.STRING
        ? rowElements()
        : Math.multiplyExact(rowElements(), (long) dtype.bytes());
  }

  /** Returns the input's shape in a split graph: [leading 1s, rows, row shape]. */
  public long[] shape(long rows) {
    return shape(leading, rows);
  }

  /** Returns the shape [1 x leadingOnes, rows, row shape]. */
  public long[] shape(int leadingOnes, long rows) {
    var shape = new long[leadingOnes + 1 + rowShape.size()];
    java.util.Arrays.fill(shape, 0, leadingOnes, 1);
    shape[leadingOnes] = rows;
    for (int i = 0; i < rowShape.size(); i++) {
      shape[leadingOnes + 1 + i] = rowShape.get(i);
    }
    return shape;
  }

  /** Returns the column as error texts show it: {@code candidate_dense FLOAT32 [4]}. */
  public String describe() {
    return name + " " + dtype + " " + rowShape;
  }
}
