package dev.falconer.compressor.data;

import java.util.SplittableRandom;

/** Derived seeds and seeded permutations. */
final class Seeds {
  private Seeds() {}

  /** Returns a seed for one part of something seeded. Source: SplitMix64's finaliser. */
  static long mix(long seed, long part) {
    long z = seed + 0x9e3779b97f4a7c15L * (part + 1);
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Permutes the values in place. */
  static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }
}
