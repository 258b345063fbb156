package dev.falconer.compressor.evaluate;

import java.util.Arrays;

/** Orders of float arrays. */
final class Sorting {
  private static final int SIGN = 0x8000_0000;

  private Sorting() {}

  /** Returns the indices by rising value, equal values by rising index. No NaN; -0 counts as 0. */
  static int[] ascending(float[] values) {
    var keys = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new IllegalArgumentException("row " + i + " has no score: NaN");
      }
      // Adding 0 turns -0 into 0. The bits of floats order like sign-magnitude integers.
      int bits = Float.floatToRawIntBits(values[i] + 0f);
      int ordered = bits < 0 ? ~bits ^ SIGN : bits;
      keys[i] = ((long) ordered << 32) | i;
    }
    Arrays.sort(keys);
    var order = new int[values.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }
}
