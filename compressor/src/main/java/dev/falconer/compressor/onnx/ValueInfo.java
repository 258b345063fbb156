package dev.falconer.compressor.onnx;

import java.util.List;

/**
 * Declared name, type and axes of a graph's input or output.
 *
 * @param dims one entry per axis; null when not even the rank is declared
 */
public record ValueInfo(
    String name, DType dtype, @org.jspecify.annotations.Nullable List<Dim> dims) {
  /** Copies the axes. */
  public ValueInfo {
    dims = dims == null ? null : List.copyOf(dims);
  }

  /** Length of an axis. */
  public sealed interface Dim {
    /** A known length. */
    record Fixed(long length) implements Dim {}

    /** A named length, the same wherever the name stands. */
    record Symbol(String name) implements Dim {}

    /** Nothing is declared. */
    record Unknown() implements Dim {}
  }

  /** Returns a value whose axes are given as Long (length), Integer (length) or String (symbol). */
  public static ValueInfo of(String name, DType dtype, Object... axes) {
    var dims = new java.util.ArrayList<Dim>();
    for (Object axis : axes) {
      dims.add(
          switch (axis) {
            case Integer length -> new Dim.Fixed(length);
            case Long length -> new Dim.Fixed(length);
            case String symbol -> new Dim.Symbol(symbol);
            default -> throw new IllegalArgumentException("axis of " + name + ": " + axis);
          });
    }
    return new ValueInfo(name, dtype, dims);
  }

  /** Returns the same declaration under another name. */
  public ValueInfo named(String other) {
    return new ValueInfo(other, dtype, dims);
  }
}
