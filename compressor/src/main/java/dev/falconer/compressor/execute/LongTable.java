package dev.falconer.compressor.execute;

/** An immutable map from long to long: open addressing, at most half full, nothing boxed. */
final class LongTable {
  private final long[] keys;
  private final long[] values;
  private final boolean[] used;
  private final int shift;

  /** Keys are distinct; the first of equal keys counts. */
  LongTable(long[] keys, long[] values) {
    if (keys.length != values.length) {
      throw new IllegalArgumentException(keys.length + " keys for " + values.length + " values");
    }
    int bits = Math.max(2, 33 - Integer.numberOfLeadingZeros(keys.length));
    this.keys = new long[1 << bits];
    this.values = new long[1 << bits];
    used = new boolean[1 << bits];
    shift = 64 - bits;
    for (int i = 0; i < keys.length; i++) {
      int slot = slot(keys[i]);
      if (!used[slot]) {
        used[slot] = true;
        this.keys[slot] = keys[i];
        this.values[slot] = values[i];
      }
    }
  }

  long get(long key, long absent) {
    int slot = slot(key);
    return used[slot] ? values[slot] : absent;
  }

  /** Returns where a key is, or where it would go. The factor is 2^64 over the golden ratio. */
  private int slot(long key) {
    int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> shift);
    while (used[slot] && keys[slot] != key) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }
}
