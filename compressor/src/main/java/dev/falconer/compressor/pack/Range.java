package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import java.util.List;
import java.util.Optional;

/**
 * What a Slice takes: [from, to) of one axis, and all of the others.
 *
 * @param axis 0 where it takes all
 */
record Range(int axis, Poly from, Poly to, boolean isAll) {
  /** Returns the range of a Slice with steps of 1, if it can be told. */
  static Optional<Range> of(Step step) {
    Optional<List<Poly>> lengths = step.facts().lengths(step.node().input(0));
    Optional<List<Poly>> starts = bounds(step, "starts", 1);
    Optional<List<Poly>> ends = bounds(step, "ends", 2);
    Optional<long[]> axes = step.integers("axes", 3);
    Optional<long[]> steps = step.has(4) ? step.integers("steps", 4) : Optional.of(new long[0]);
    if (lengths.isEmpty() || starts.isEmpty() || ends.isEmpty() || steps.isEmpty()) {
      return Optional.empty();
    }
    for (long each : steps.get()) {
      if (each != 1) {
        return Optional.empty();
      }
    }
    Range found = new Range(0, Poly.ZERO, Poly.ZERO, true);
    for (int i = 0; i < starts.get().size(); i++) {
      long given = axes.isPresent() ? axes.get()[i] : i;
      int axis = Math.toIntExact(given < 0 ? given + lengths.get().size() : given);
      Poly length = lengths.get().get(axis);
      Optional<Poly> from = counted(starts.get().get(i), length);
      Optional<Poly> to = counted(ends.get().get(i), length);
      if (from.isEmpty() || to.isEmpty()) {
        return Optional.empty();
      }
      if (from.get().is(0) && to.get().equals(length)) {
        continue;
      }
      if (!found.isAll) {
        return Optional.empty();
      }
      found = new Range(axis, from.get(), to.get(), false);
    }
    return Optional.of(found);
  }

  private static Optional<List<Poly>> bounds(Step step, String attribute, int index) {
    return step.node().attributes().containsKey(attribute)
        ? step.integers(attribute, index)
            .map(all -> java.util.Arrays.stream(all).mapToObj(Poly::of).toList())
        : step.facts().integers(step.node().input(index));
  }

  /** Returns a bound counted from the front, not past the end. */
  private static Optional<Poly> counted(Poly bound, Poly length) {
    if (!bound.isInteger()) {
      return length.minus(bound).neverNegative() ? Optional.of(bound) : Optional.empty();
    }
    long value = bound.integer();
    if (length.isInteger()) {
      long last = length.integer();
      return Optional.of(Poly.of(Math.clamp(value < 0 ? value + last : value, 0, last)));
    }
    if (value < 0) {
      return Optional.of(length.plus(value));
    }
    return value >= Integer.MAX_VALUE ? Optional.of(length) : Optional.of(bound);
  }
}
