package dev.falconer.server.choice;

import dev.falconer.server.domain.VariantKey;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A variant's times beside the plain one's, medians of calls that took turns.
 *
 * @param sizes candidates of a call, ascending; the last is a full micro-batch
 * @param plainMillis of the plain variant, at each size
 * @param millis of this one, at each size
 * @param difference largest difference of a golden score, of max(1, |score|)
 */
public record Measured(
    VariantKey key,
    List<Integer> sizes,
    List<Double> plainMillis,
    List<Double> millis,
    double difference) {
  /** Copies the lists and checks that they belong together. */
  public Measured {
    sizes = List.copyOf(sizes);
    plainMillis = List.copyOf(plainMillis);
    millis = List.copyOf(millis);
    if (sizes.isEmpty() || plainMillis.size() != sizes.size() || millis.size() != sizes.size()) {
      throw new IllegalArgumentException(
          "%s: %d sizes, %d and %d times"
              .formatted(key, sizes.size(), plainMillis.size(), millis.size()));
    }
  }

  /**
   * Returns the plain variant's time over this one's for a request of two full micro-batches and a
   * rest, which is of each smaller size equally often.
   */
  public double speedup() {
    return weighted(plainMillis) / weighted(millis);
  }

  private static double weighted(List<Double> times) {
    double sum = 2 * times.getLast();
    int rests = times.size() - 1;
    for (int i = 0; i < rests; i++) {
      sum += times.get(i) / rests;
    }
    return sum;
  }

  /** Returns the first size at which this one takes more than the plain one's time and a margin. */
  public OptionalInt slowerAt(double margin) {
    for (int i = 0; i < sizes.size(); i++) {
      if (!(millis.get(i) <= plainMillis.get(i) * (1 + margin))) {
        return OptionalInt.of(sizes.get(i));
      }
    }
    return OptionalInt.empty();
  }

  /** Returns one line: milliseconds by size, the ratio, the difference. */
  @Override
  public String toString() {
    var line = new StringBuilder(key.toString()).append(": ");
    for (int i = 0; i < sizes.size(); i++) {
      line.append(
          String.format(
              Locale.ROOT,
              "%.3f ms at %d (plain %.3f), ",
              millis.get(i),
              sizes.get(i),
              plainMillis.get(i)));
    }
    return line
        + String.format(
            Locale.ROOT, "%.2f times as fast; scores differ by %.1e", speedup(), difference);
  }
}
