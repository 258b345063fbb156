package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a tensor.
 *
 * @param axes outermost first
 * @param values the elements of an integer scalar or vector computed from lengths; null when not
 *     known
 * @param low lower bound of every element of an integer or bool tensor; null when not known
 * @param high upper bound; an always-true mask has both bounds 1
 */
public record Known(
    DType dtype,
    List<Axis> axes,
    Colour colour,
    @Nullable List<Poly> values,
    @Nullable Poly low,
    @Nullable Poly high) {
  /** Copies the lists. */
  public Known {
    axes = List.copyOf(axes);
    values = values == null ? null : List.copyOf(values);
    if (low == null && high == null && values != null && values.stream().distinct().count() == 1) {
      low = values.getFirst();
      high = low;
    }
  }

  /** Returns a tensor of unknown content. */
  public static Known of(DType dtype, List<Axis> axes, Colour colour) {
    return new Known(dtype, axes, colour, null, null, null);
  }

  /** Returns a vector of the given elements. */
  static Known vector(DType dtype, List<Poly> values) {
    return new Known(dtype, List.of(Axis.of(values.size())), Colour.CONSTANT, values, null, null);
  }

  /** Returns a scalar. */
  static Known scalar(DType dtype, Poly value) {
    return new Known(dtype, List.of(), Colour.CONSTANT, List.of(value), value, value);
  }

  /** Returns the number of axes. */
  public int rank() {
    return axes.size();
  }

  /** Returns an axis; negative ones count from the end. */
  public Axis axis(int index) {
    return axes.get(index < 0 ? index + axes.size() : index);
  }

  /** Returns the number of elements. */
  public Poly size() {
    return axes.stream().map(Axis::length).reduce(Poly.ONE, Poly::times);
  }

  /** Returns whether elements of different candidates can differ. */
  public boolean variesByRow() {
    return axes.stream().anyMatch(Axis::mixesWhenJoined);
  }

  /** Returns whether every element is true. */
  public boolean alwaysTrue() {
    return dtype == DType.BOOL && low != null && low.is(1);
  }

  /** Returns whether every element is false. */
  public boolean alwaysFalse() {
    return dtype == DType.BOOL && high != null && high.is(0);
  }

  /** Returns the same content under other axes. */
  Known withAxes(List<Axis> others) {
    return new Known(dtype, others, colour, values, low, high);
  }

  /** Returns whether axes have the same lengths. */
  public boolean sameLengths(Known other) {
    return axes.stream()
        .map(Axis::length)
        .toList()
        .equals(other.axes.stream().map(Axis::length).toList());
  }
}
