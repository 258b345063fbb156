package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import java.util.List;
import java.util.Optional;

/**
 * How an operator's result becomes the tensor that it stands for.
 *
 * @param shape to view it under, -1 once at most; empty where it is the tensor
 */
record Exit(List<Long> shape) {
  static final Exit NONE = new Exit(List.of());

  /** Returns the way from one arrangement to another, if the elements keep their order. */
  static Optional<Exit> of(Arrangement from, Arrangement to) {
    if (from.equals(to)) {
      return Optional.of(NONE);
    }
    List<Poly> lengths = to.lengths();
    boolean isView =
        from.regrouped(lengths).equals(Optional.of(to))
            && lengths.stream().filter(length -> !length.isInteger()).count() <= 1;
    return isView
        ? Optional.of(
            new Exit(
                lengths.stream()
                    .map(length -> length.isInteger() ? length.integer() : -1)
                    .toList()))
        : Optional.empty();
  }
}
