package dev.falconer.compressor.data;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Draws items that a request might have shown, for logs that hold positives only: by popularity
 * among the events strictly before the request, which is an event drawn evenly. Requests must come
 * in time order.
 */
final class NegativeSampler {
  private static final int TRIES = 20;

  private final int[] items;
  private final long[] times;
  private final long seed;
  private int before;

  /** Returns a sampler over all events, in time order. */
  NegativeSampler(int[] items, long[] times, long seed) {
    this.items = items;
    this.times = times;
    this.seed = seed;
  }

  /**
   * Returns distinct items, none of them excluded; fewer than asked for where the log has no more
   * after some tries.
   *
   * @param request tells the draws of requests apart
   */
  Set<Integer> sample(long timeMicros, int request, Set<Integer> excluded, int count) {
    while (before < times.length && times[before] < timeMicros) {
      before++;
    }
    var random = new SplittableRandom(Seeds.mix(seed, request));
    var chosen = new LinkedHashSet<Integer>();
    for (int tries = 0; before > 0 && chosen.size() < count && tries < TRIES * count; tries++) {
      int item = items[random.nextInt(before)];
      if (!excluded.contains(item)) {
        chosen.add(item);
      }
    }
    return chosen;
  }
}
