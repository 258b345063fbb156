package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of one named column: numbers little-endian and row-major in native memory aligned to 64
 * bytes, or strings on the heap. The memory belongs to the request that the column came with.
 */
public final class Column {
  private static final String[] NO_STRINGS = {};

  private final String name;
  private final DType dtype;
  private final List<Long> rowShape;
  private final MemorySegment data;
  private final String[] strings;

  private Column(
      String name, DType dtype, List<Long> rowShape, MemorySegment data, String[] strings) {
    this.name = name;
    this.dtype = dtype;
    this.rowShape = rowShape;
    this.data = data;
    this.strings = strings;
  }

  /** Returns a column of numbers over the memory, which it doesn't copy. */
  public static Column ofNumbers(
      String name, DType dtype, List<Long> rowShape, MemorySegment data) {
    if (dtype == DType.STRING) {
      throw new IllegalArgumentException("column " + name + ": strings are not numbers");
    }
    return new Column(name, dtype, rowShape, data, NO_STRINGS);
  }

  /** Returns a column of strings over the array, which it doesn't copy. */
  public static Column ofStrings(String name, List<Long> rowShape, String[] strings) {
    return new Column(name, DType.STRING, rowShape, MemorySegment.NULL, strings);
  }

  /** Returns the column's name. */
  public String name() {
    return name;
  }

  /** Returns the type of its elements. */
  public DType dtype() {
    return dtype;
  }

  /** Returns the shape of one row as it was sent; not checked. */
  public List<Long> rowShape() {
    return rowShape;
  }

  /** Returns the numbers; of length 0 for strings. */
  public MemorySegment data() {
    return data;
  }

  /** Returns the strings, not to be changed; empty for numbers. */
  public String[] strings() {
    return strings;
  }

  /** Returns its size: bytes of numbers, or how many strings. */
  public long size() {
    return dtype == DType.STRING ? strings.length : data.byteSize();
  }

  /** Returns the given rows as a view, each of {@code rowSize} bytes, or strings. */
  public Column rows(int from, int count, long rowSize) {
    if (dtype == DType.STRING) {
      int width = Math.toIntExact(rowSize);
      return ofStrings(
          name, rowShape, Arrays.copyOfRange(strings, from * width, (from + count) * width));
    }
    return ofNumbers(name, dtype, rowShape, data.asSlice(from * rowSize, count * rowSize));
  }
}
