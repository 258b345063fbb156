package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a tensor of a graph being written.
 *
 * @param lengths of its axes
 * @param always what every element of a mask is, null when not known
 * @param fill what every element of a float tensor is, null when not known
 */
record Value(List<Poly> lengths, Colour colour, @Nullable Boolean always, @Nullable Float fill) {
  Value {
    lengths = List.copyOf(lengths);
  }

  static Value of(Known known, @Nullable Float fill) {
    Boolean always = known.alwaysTrue() ? Boolean.TRUE : known.alwaysFalse() ? false : null;
    return new Value(
        known.axes().stream().map(Axis::length).toList(), known.colour(), always, fill);
  }

  int rank() {
    return lengths.size();
  }

  Poly length(int axis) {
    return lengths.get(axis);
  }

  boolean isFilled(double with) {
    return fill != null && fill == with;
  }

  /** Returns the lengths with one replaced. */
  List<Poly> with(int axis, Poly length) {
    var others = new ArrayList<>(lengths);
    others.set(axis, length);
    return others;
  }
}
