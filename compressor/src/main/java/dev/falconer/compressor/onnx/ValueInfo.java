package dev.falconer.compressor.onnx;

import java.util.List;

/**
 * Declared name, type and axes of a graph's input or output.
 *
 * @param dims one entry per axis; null when not even the rank is declared
 * @param hasType whether a type is declared; values of a control-flow body may leave it open, and
 *     then {@code dtype} means nothing
 */
public record ValueInfo(
    String name, DType dtype, @org.jspecify.annotations.Nullable List<Dim> dims, boolean hasType) {
  /** A value with a declared type. */
  public ValueInfo(String name, DType dtype, @org.jspecify.annotations.Nullable List<Dim> dims) {
    this(name, dtype, dims, true);
  }

  /** Returns a value of a control-flow body whose type is left open. */
  static ValueInfo open(String name) {
    return new ValueInfo(name, DType.FLOAT32, null, false);
  }

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
    return new ValueInfo(other, dtype, dims, hasType);
  }
}
