package dev.falconer.compressor.solver;

import java.util.Arrays;

/**
 * Marks the k largest magnitudes of a range of floats, exactly k: among equal ones the first.
 *
 * <p>The bits of a non-negative float order as the float does. Long ranges: a histogram of the high
 * 16 bits finds the bin of the k-th largest, one of the low 15 bits in that bin the value. Short
 * ranges: selection by partition.
 */
final class TopK {
  private static final int MAGNITUDE = 0x7fffffff;
  private static final int LOW_BITS = 15;

  /** Ranges shorter than this cost less by partition than the histograms cost to clear. */
  private static final int SHORT = 1 << 15;

  private final int[] high = new int[1 << 16];
  private final int[] low = new int[1 << LOW_BITS];
  private int[] scratch = new int[0];

  /** Sets kept to 1 at the k largest |values| of [from, to), to 0 at the others of that range. */
  void mark(float[] values, float[] kept, int from, int to, int k) {
    if (k <= 0 || k >= to - from) {
      Arrays.fill(kept, from, to, k <= 0 ? 0 : 1);
      return;
    }
    float threshold =
        Float.intBitsToFloat(
            to - from < SHORT ? partitioned(values, from, to, k) : binned(values, from, to, k));
    if (atLeast(values, kept, from, to, threshold) > k) {
      settleTies(values, kept, from, to, threshold, k);
    }
  }

  private static int atLeast(float[] values, float[] kept, int from, int to, float threshold) {
    for (int i = from; i < to; i++) {
      kept[i] = 1f - Floats.isPositive(threshold - Math.abs(values[i]));
    }
    int count = 0;
    for (int i = from; i < to; i++) {
      count += (int) kept[i];
    }
    return count;
  }

  private static void settleTies(
      float[] values, float[] kept, int from, int to, float threshold, int k) {
    int free = k;
    for (int i = from; i < to; i++) {
      free -= Math.abs(values[i]) > threshold ? 1 : 0;
    }
    for (int i = from; i < to; i++) {
      if (Math.abs(values[i]) == threshold) {
        kept[i] = free > 0 ? 1f : 0f;
        free--;
      }
    }
  }

  /** Returns the bits of the k-th largest magnitude. */
  private int binned(float[] values, int from, int to, int k) {
    Arrays.fill(high, 0);
    for (int i = from; i < to; i++) {
      high[(Float.floatToRawIntBits(values[i]) & MAGNITUDE) >>> LOW_BITS]++;
    }
    int above = 0;
    int bin = high.length - 1;
    while (above + high[bin] < k) {
      above += high[bin--];
    }
    Arrays.fill(low, 0);
    for (int i = from; i < to; i++) {
      int bits = Float.floatToRawIntBits(values[i]) & MAGNITUDE;
      if (bits >>> LOW_BITS == bin) {
        low[bits & (low.length - 1)]++;
      }
    }
    int rest = low.length - 1;
    while (above + low[rest] < k) {
      above += low[rest--];
    }
    return bin << LOW_BITS | rest;
  }

  /** Returns the same by narrowing a copy around its k-th largest element. */
  private int partitioned(float[] values, int from, int to, int k) {
    int length = to - from;
    if (scratch.length < length) {
      scratch = new int[length];
    }
    int[] bits = scratch;
    for (int i = 0; i < length; i++) {
      bits[i] = Float.floatToRawIntBits(values[from + i]) & MAGNITUDE;
    }
    int rank = length - k; // of the wanted element in ascending order
    int left = 0;
    int right = length - 1;
    while (left < right) {
      int pivot = median(bits[left], bits[(left + right) >>> 1], bits[right]);
      int i = left;
      int j = right;
      while (i <= j) {
        while (bits[i] < pivot) {
          i++;
        }
        while (bits[j] > pivot) {
          j--;
        }
        if (i <= j) {
          int swapped = bits[i];
          bits[i++] = bits[j];
          bits[j--] = swapped;
        }
      }
      if (rank <= j) {
        right = j;
      } else if (rank >= i) {
        left = i;
      } else {
        return bits[rank];
      }
    }
    return bits[rank];
  }

  private static int median(int a, int b, int c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
