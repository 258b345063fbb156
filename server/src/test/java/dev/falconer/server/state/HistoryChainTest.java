package dev.falconer.server.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.Role;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryChainTest {
  private static final List<ColumnSpec> SPECS =
      List.of(
          new ColumnSpec("item", Role.USER, DType.INT64, List.of(), true, 1),
          new ColumnSpec("flags", Role.USER, DType.UINT8, List.of(3L), true, 1),
          new ColumnSpec("tag", Role.USER, DType.STRING, List.of(), true, 1),
          new ColumnSpec("country", Role.USER, DType.STRING, List.of(), false, 0));

  private static History history(long[] items, byte[] flags, String[] tags, String country) {
    return new History(
        items.length,
        SPECS,
        List.of(
            Column.ofNumbers("item", DType.INT64, List.of(), MemorySegment.ofArray(items)),
            Column.ofNumbers("flags", DType.UINT8, List.of(3L), MemorySegment.ofArray(flags)),
            Column.ofStrings("tag", List.of(), tags),
            Column.ofStrings("country", List.of(), new String[] {country})));
  }

  private static HistoryChain.Hash hash(History history) {
    return HistoryChain.of(history, -1, 9).whole();
  }

  @Test
  void aPrefixHasTheHashThatItHasAlone() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int n = 1 + random.nextInt(20);
      var items = random.longs(n).toArray();
      var flags = new byte[3 * n];
      random.nextBytes(flags);
      var tags = new String[n];
      for (int i = 0; i < n; i++) {
        tags[i] = "tag".repeat(random.nextInt(4));
      }
      for (int prefix = 0; prefix <= n; prefix++) {
        var shorter =
            history(
                java.util.Arrays.copyOf(items, prefix),
                java.util.Arrays.copyOf(flags, 3 * prefix),
                java.util.Arrays.copyOf(tags, prefix),
                "ch");
        var hashes = HistoryChain.of(history(items, flags, tags, "ch"), prefix, 9);
        assertEquals(hash(shorter), hashes.prefix(), "seed " + seed + " prefix " + prefix);
      }
      var tooLong = HistoryChain.of(history(items, flags, tags, "ch"), n + 1, 9);
      assertEquals(HistoryChain.Hash.NONE, tooLong.prefix());
    }
  }

  @Test
  void everyChangedBitChangesBothLanes() {
    var seen = new HashSet<Long>();
    var items = new long[] {1, 2, 3};
    var flags = new byte[9];
    var tags = new String[] {"", "a", "b"};
    var first = hash(history(items, flags, tags, "ch"));
    seen.add(first.high());
    int hashes = 1;
    for (int bit = 0; bit < 3 * 64; bit++) {
      var changed = items.clone();
      changed[bit / 64] ^= 1L << bit;
      var hash = hash(history(changed, flags, tags, "ch"));
      assertNotEquals(first.low(), hash.low());
      seen.add(hash.high());
      hashes++;
    }
    for (int bit = 0; bit < 9 * 8; bit++) {
      var changed = flags.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      seen.add(hash(history(items, changed, tags, "ch")).high());
      hashes++;
    }
    seen.add(hash(history(items, flags, new String[] {"a", "", "b"}, "ch")).high());
    seen.add(hash(history(items, flags, new String[] {"", "ab", ""}, "ch")).high());
    seen.add(hash(history(items, flags, tags, "at")).high());
    seen.add(hash(history(new long[] {1, 3, 2}, flags, tags, "ch")).high());
    assertEquals(hashes + 4, seen.size());
  }

  @Test
  void anotherSeedGivesOtherHashes() {
    var history = history(new long[] {1}, new byte[3], new String[] {"x"}, "ch");

    assertTrue(
        HistoryChain.of(history, -1, 1).whole().high()
            != HistoryChain.of(history, -1, 2).whole().high());
  }
}
