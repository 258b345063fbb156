package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The best candidates of a request, best first; of equal values the lower index first. */
public final class Slate {
  private final int[] order;
  private final float[] values;

  private Slate(int[] order, float[] values) {
    this.order = order;
    this.values = values;
  }

  /**
   * Returns the slate of the k best.
   *
   * @param scores float32 [m, weights.length]
   * @param weights one per task
   * @param bids float32 [m], or of length 0 for 1
   * @param k length of the slate, at most m is given; 0 for m
   */
  public static Slate top(
      MemorySegment scores, int m, double[] weights, MemorySegment bids, int k) {
    // A value and its index share one long that sorts best first: no comparator, no boxes.
    var keys = new long[m];
    boolean hasBids = bids.byteSize() > 0;
    for (int i = 0; i < m; i++) {
      double sum = 0;
      for (int t = 0; t < weights.length; t++) {
        sum +=
            weights[t]
                * scores.getAtIndex(
                    ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i * weights.length + t);
      }
      float value =
          (float) (hasBids ? sum * bids.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i) : sum);
      keys[i] = ((long) ~sortable(value) << 32) | i;
    }
    Arrays.sort(keys);
    int length = k == 0 ? m : Math.min(k, m);
    var order = new int[length];
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      order[i] = (int) keys[i];
      values[i] = fromSortable(~(int) (keys[i] >>> 32));
    }
    return new Slate(order, values);
  }

  /** Returns bits that order as the floats do, with -0 and 0 equal. */
  private static int sortable(float value) {
    int bits = Float.floatToIntBits(value + 0.0f);
    return bits >= 0 ? bits : bits ^ 0x7fff_ffff;
  }

  private static float fromSortable(int sortable) {
    return Float.intBitsToFloat(sortable >= 0 ? sortable : sortable ^ 0x7fff_ffff);
  }

  /** Returns the slate's length. */
  public int length() {
    return order.length;
  }

  /** Returns the candidate index at a place of the slate. */
  public int candidate(int place) {
    return order[place];
  }

  /** Returns the objective value at a place of the slate. */
  public float value(int place) {
    return values[place];
  }
}
