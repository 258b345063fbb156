package dev.falconer.compressor.calibrate;

import java.util.Arrays;

/**
 * Counts of values in {@value #BINS} equal bins of [-reach, reach), reach a power of two that grows
 * as values do. Keeps the exact smallest and largest value. Immutable once published.
 */
public final class Histogram {
  /** Number of bins. */
  public static final int BINS = 4096;

  private final long[] counts = new long[BINS];
  private double reach = 0x1p-20;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long total;

  /** Receives one bin's middle and its count, which is above 0. */
  public interface Visitor {
    /** Takes the next bin, by rising value. */
    void bin(double middle, long count);
  }

  /**
   * Returns the histogram of values.
   *
   * @throws IllegalArgumentException when one is not finite
   */
  public static Histogram of(float... values) {
    var histogram = new Histogram();
    for (float value : values) {
      histogram.add(value);
    }
    return histogram;
  }

  /** Counts a finite value. */
  void add(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("an activation is " + value);
    }
    min = Math.min(min, value);
    max = Math.max(max, value);
    cover(Math.abs(value));
    counts[bin(value)]++;
    total++;
  }

  /** Returns the histogram of both. */
  public Histogram plus(Histogram other) {
    var sum = new Histogram();
    sum.addAll(this);
    sum.addAll(other);
    return sum;
  }

  private void addAll(Histogram other) {
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    total += other.total;
    cover(other.reach / 2);
    other.forEachBin((middle, count) -> counts[bin(middle)] += count);
  }

  /** Doubles the reach, merging pairs of bins, until the magnitude lies inside. */
  private void cover(double magnitude) {
    while (magnitude >= reach) {
      var wider = new long[BINS];
      for (int i = 0; i < BINS; i++) {
        wider[BINS / 4 + i / 2] += counts[i];
      }
      System.arraycopy(wider, 0, counts, 0, BINS);
      reach *= 2;
    }
  }

  private int bin(double value) {
    // Rounding may lift a value just below the reach to the end.
    return Math.min(BINS - 1, (int) ((value + reach) / (2 * reach) * BINS));
  }

  /** Returns the number of values. */
  public long total() {
    return total;
  }

  /** Returns the smallest value; infinity without values. */
  public double min() {
    return min;
  }

  /** Returns the largest value; minus infinity without values. */
  public double max() {
    return max;
  }

  /**
   * Returns a value that about the given share of the values lie at or below, exact to a bin.
   *
   * @param share 0 to 1
   */
  public double quantile(double share) {
    long wanted = (long) Math.ceil(share * total);
    long below = 0;
    double width = 2 * reach / BINS;
    for (int i = 0; i < BINS; i++) {
      below += counts[i];
      if (below >= wanted && counts[i] > 0) {
        return Math.clamp(-reach + (i + 1) * width, min, max);
      }
    }
    return max;
  }

  /** Visits the bins that hold values, by rising value. */
  public void forEachBin(Visitor visitor) {
    double width = 2 * reach / BINS;
    for (int i = 0; i < BINS; i++) {
      if (counts[i] > 0) {
        visitor.bin(-reach + (i + .5) * width, counts[i]);
      }
    }
  }

  @Override
  public String toString() {
    return "%d values in [%s, %s], %d bins used"
        .formatted(total, min, max, Arrays.stream(counts).filter(count -> count > 0).count());
  }
}
