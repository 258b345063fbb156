package dev.falconer.server.domain;

import java.util.List;

/**
 * One tensor of the user state.
 *
 * @param shape axis lengths, at most one of them -1: the history axis
 * @param historyExtra length of the history axis = events + this
 * @param pastInput the user graph's input that takes the past of this tensor; empty when it has
 *     none
 */
public record StateSpec(
    String name, DType dtype, List<Long> shape, int historyExtra, String pastInput) {
  /** Copies the shape and checks it. */
  public StateSpec {
    shape = List.copyOf(shape);
    if (shape.stream().filter(length -> length == -1).count() > 1
        || shape.stream().anyMatch(length -> length < -1 || length == 0)
        || historyExtra < 0
        || dtype == DType.STRING) {
      throw new IllegalArgumentException(
          "state " + name + ": " + dtype + " " + shape + " with " + historyExtra + " extra");
    }
  }

  /** Returns the shape of the state of that many events. */
  public long[] shapeOf(int events) {
    return shapeWith(events + historyExtra);
  }

  /** Returns the shape with the history axis of the given length; 0 for no past. */
  public long[] shapeWith(int historyAxis) {
    var lengths = new long[shape.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = shape.get(i) == -1 ? historyAxis : shape.get(i);
    }
    return lengths;
  }

  /** Returns the bytes of the state of that many events. */
  public long bytes(int events) {
    long bytes = dtype.bytes();
    for (long length : shapeOf(events)) {
      bytes = Math.multiplyExact(bytes, length);
    }
    return bytes;
  }
}
