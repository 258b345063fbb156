package dev.falconer.server.choice;

import dev.falconer.server.domain.VariantKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Times a variant beside the plain one. They take turns, so that a busy moment meets both; each
 * turn is a call that isn't timed, which brings the variant's weights back into the caches, and one
 * that is.
 *
 * @param nanoTime the clock
 * @param budget of timing one variant; five rounds are taken in any case
 */
public record PairedTimer(LongSupplier nanoTime, Duration budget) {
  private static final int LEAST_ROUNDS = 5;

  /** A median of more is no better. */
  private static final int MOST_ROUNDS = 500;

  /**
   * Returns the times.
   *
   * @param plain scores so many candidates by the plain variant
   * @param variant likewise, by the other
   * @param difference for the record
   */
  public Measured time(
      VariantKey key,
      IntConsumer plain,
      IntConsumer variant,
      List<Integer> sizes,
      double difference) {
    var plainTimes = new long[sizes.size()][MOST_ROUNDS];
    var times = new long[sizes.size()][MOST_ROUNDS];
    long start = nanoTime.getAsLong();
    int rounds = 0;
    while (rounds < LEAST_ROUNDS
        || (rounds < MOST_ROUNDS && nanoTime.getAsLong() - start < budget.toNanos())) {
      for (int i = 0; i < sizes.size(); i++) {
        int size = sizes.get(i);
        if (rounds % 2 == 0) {
          plainTimes[i][rounds] = turn(plain, size);
          times[i][rounds] = turn(variant, size);
        } else {
          times[i][rounds] = turn(variant, size);
          plainTimes[i][rounds] = turn(plain, size);
        }
      }
      rounds++;
    }
    return new Measured(
        key, sizes, medians(plainTimes, rounds), medians(times, rounds), difference);
  }

  private long turn(IntConsumer scorer, int size) {
    scorer.accept(size);
    long start = nanoTime.getAsLong();
    scorer.accept(size);
    return nanoTime.getAsLong() - start;
  }

  private static List<Double> medians(long[][] nanos, int rounds) {
    return Arrays.stream(nanos)
        .map(times -> {
          long[] sorted = Arrays.stream(times, 0, rounds).sorted().toArray();
          return (sorted[(rounds - 1) / 2] + sorted[rounds / 2]) / 2e6;
        })
        .toList();
  }
}
