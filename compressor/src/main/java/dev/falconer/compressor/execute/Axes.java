package dev.falconer.compressor.execute;

/** Axis arithmetic. */
final class Axes {
  private Axes() {}

  /** Returns a non-negative axis. */
  static int positive(long axis, long rank) {
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException("axis " + axis + " of a value of rank " + rank);
    }
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  /** Returns all axes of a rank. */
  static long[] all(long rank) {
    var axes = new long[Math.toIntExact(rank)];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i;
    }
    return axes;
  }

  /** Returns the common shape that both broadcast to, by ONNX's and NumPy's rule. */
  static long[] broadcast(long[] a, long[] b) {
    var shape = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= shape.length; i++) {
      long x = i <= a.length ? a[a.length - i] : 1;
      long y = i <= b.length ? b[b.length - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            java.util.Arrays.toString(a)
                + " and "
                + java.util.Arrays.toString(b)
                + " do not broadcast");
      }
      shape[shape.length - i] = x == 1 ? y : x;
    }
    return shape;
  }
}
