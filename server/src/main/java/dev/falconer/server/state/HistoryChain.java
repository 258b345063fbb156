package dev.falconer.server.state;

import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.History;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Hashes histories event by event: h_0 = H(the user's other columns), h_i = H(h_{i-1}, event i), so
 * that the state of a prefix is recognised by the h of its length, and any change inside the prefix
 * changes it. 128 bits in two lanes, each folding 64 bits at a time through a full 64x64 multiply
 * (the step of wyhash, Wang Yi 2019) with constants of its own; seeded per process, so that nobody
 * outside can prepare two histories of one hash.
 *
 * <p>About 1 ns per 8 bytes: 512 events of three int64 columns take some 4 us.
 */
final class HistoryChain {
  private static final long LANE_A = 0x2d358dccaa6c78a5L;
  private static final long LANE_B = 0x8bb84b93962eacc9L;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private long a;
  private long b;

  private HistoryChain(long seed) {
    a = seed ^ LANE_A;
    b = Long.reverse(seed) ^ LANE_B;
  }

  /** The hash of a history, and of one of its prefixes. */
  record Hashes(Hash whole, Hash prefix) {}

  /** 128 bits. */
  record Hash(long high, long low) {
    /** Equal to no hash, for a prefix that is not there. */
    static final Hash NONE = new Hash(0, 0);
  }

  /**
   * Returns the hash of the history and that of its first {@code prefix} events; {@link Hash#NONE}
   * when it has fewer.
   */
  static Hashes of(History history, int prefix, long seed) {
    var chain = new HistoryChain(seed);
    for (int i = 0; i < history.columns().size(); i++) {
      if (!history.specs().get(i).isHistory()) {
        chain.addRow(history.columns().get(i), 0, history.specs().get(i).rowSize());
      }
    }
    chain.mix(history.columns().size());
    var atPrefix = prefix == 0 ? chain.hash() : Hash.NONE;
    for (int event = 0; event < history.events(); event++) {
      for (int i = 0; i < history.columns().size(); i++) {
        if (history.specs().get(i).isHistory()) {
          chain.addRow(history.columns().get(i), event, history.specs().get(i).rowSize());
        }
      }
      if (event + 1 == prefix) {
        atPrefix = chain.hash();
      }
    }
    return new Hashes(chain.hash(), atPrefix);
  }

  private void addRow(Column column, int row, long rowSize) {
    if (column.dtype() == DType.STRING) {
      int width = (int) rowSize;
      for (int i = row * width; i < (row + 1) * width; i++) {
        addString(column.strings()[i]);
      }
      return;
    }
    MemorySegment data = column.data();
    long at = row * rowSize;
    long end = at + rowSize;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      mix(data.get(LONG, at));
    }
    if (at < end) {
      long rest = 0;
      for (int shift = 0; at < end; at++, shift += 8) {
        rest |= (data.get(ValueLayout.JAVA_BYTE, at) & 0xffL) << shift;
      }
      mix(rest);
    }
  }

  private void addString(String string) {
    mix(string.length());
    long word = 0;
    for (int i = 0; i < string.length(); i++) {
      word = word << 16 | string.charAt(i);
      if ((i & 3) == 3) {
        mix(word);
        word = 0;
      }
    }
    if ((string.length() & 3) != 0) {
      mix(word);
    }
  }

  /** The lanes are odd constants apart, so that a product that collapses in one doesn't in both. */
  private void mix(long word) {
    a = fold(a ^ word, LANE_B ^ Long.rotateLeft(a, 29));
    b = fold(b ^ word ^ LANE_A, LANE_A ^ Long.rotateLeft(b, 41));
  }

  private static long fold(long x, long y) {
    return Math.unsignedMultiplyHigh(x, y) ^ (x * y);
  }

  private Hash hash() {
    return new Hash(a, b);
  }
}
