package dev.falconer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistoryWindowTest {
  private static final long SEED = 7;

  @Test
  void sendsEverythingUpToHi() {
    var window = new HistoryWindow(4, 10);

    for (int total = 0; total <= 10; total++) {
      assertEquals(0, window.start(total));
      assertEquals(total, window.length(total));
    }
  }

  @Test
  void dropsToTheNewestLoAndGrowsAgain() {
    var window = new HistoryWindow(4, 10);

    assertEquals(5, window.length(11), "the newest 4 and the event that came");
    assertEquals(10, window.length(16));
    assertEquals(5, window.length(17));
  }

  @Test
  void movesItsStartOnlyEveryHiMinusLoEvents() {
    var random = new SplittableRandom(SEED);
    for (int trial = 0; trial < 200; trial++) {
      int lo = random.nextInt(50);
      int hi = lo + 1 + random.nextInt(60);
      var window = new HistoryWindow(lo, hi);
      int events = 1_000;
      int moves = 0;
      for (long total = 1; total <= events; total++) {
        var where = "seed %d lo %d hi %d total %d".formatted(SEED, lo, hi, total);
        long start = window.start(total);
        long before = window.start(total - 1);
        assertTrue(start == before || start == before + hi - lo, where);
        assertTrue(window.length(total) <= hi, where);
        assertTrue(window.length(total) >= Math.min(total, lo + 1), where);
        moves += start == before ? 0 : 1;
      }
      assertEquals(
          Math.ceilDiv(Math.max(0, events - hi), hi - lo), moves, "lo %d hi %d".formatted(lo, hi));
    }
  }

  @Test
  void keepsTheNewestRows() {
    var window = new HistoryWindow(2, 5);
    var items = LongStream.range(0, 7).toArray();

    var kept = window.of(FeatureColumn.longs("history_item", items));

    assertEquals(4, kept.rows());
    assertEquals(
        FeatureColumn.longs("history_item", new long[] {3, 4, 5, 6}).toProto(), kept.toProto());
  }

  @Test
  void countsForgottenEvents() {
    var window = new HistoryWindow(2, 5);
    var newest = FeatureColumn.strings("history_item", new String[] {"c", "dd", "", "fff", "g"});

    var kept = window.of(newest, 7);

    assertEquals(
        FeatureColumn.strings("history_item", new String[] {"dd", "", "fff", "g"}).toProto(),
        kept.toProto());
    assertThrows(IllegalArgumentException.class, () -> window.of(newest, 4));
    assertThrows(IllegalArgumentException.class, () -> window.of(newest.rows(3, 5), 7));
  }

  @Test
  void refusesRangesThatCannotGrow() {
    assertThrows(IllegalArgumentException.class, () -> new HistoryWindow(5, 5));
    assertThrows(IllegalArgumentException.class, () -> new HistoryWindow(-1, 5));
    assertThrows(IllegalArgumentException.class, () -> new HistoryWindow(1, 5).length(-1));
  }
}
