package dev.falconer.server.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.domain.Role;
import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.StateSpec;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The cache with an encoder that copies events: the state of n events is their ids. */
class StateCacheTest {
  private static final ColumnSpec ITEM =
      new ColumnSpec("item", Role.USER, DType.INT64, List.of(), true, 1);
  private static final ModelSpec SPEC =
      new ModelSpec(
          "m",
          "1",
          "digest",
          List.of(ITEM),
          List.of(new StateSpec("k", DType.FLOAT64, List.of(-1L), 1, "past")),
          true,
          "",
          List.of("click"),
          "scores",
          0,
          100,
          8);

  private final NativeMemory memory = new NativeMemory();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger encodings = new AtomicInteger();

  private StateCache cache(long bytes) {
    return new StateCache(memory, bytes, Duration.ofSeconds(10), nanos::get, 42);
  }

  private static StateKey key(String user) {
    return new StateKey("m", "1", "digest", user);
  }

  private static History history(long... events) {
    var column = Column.ofNumbers("item", DType.INT64, List.of(), MemorySegment.ofArray(events));
    return new History(events.length, List.of(ITEM), List.of(column));
  }

  private void encode(History fresh, @Nullable StateTensors past, StateTensors out) {
    encodings.incrementAndGet();
    var to = out.segments().getFirst();
    int start = past == null ? 0 : past.events();
    to.set(ValueLayout.JAVA_DOUBLE, 0, -1);
    for (int i = 0; i < start; i++) {
      to.setAtIndex(ValueLayout.JAVA_DOUBLE, i + 1, event(past, i));
    }
    for (int i = 0; i < fresh.events(); i++) {
      long id = fresh.columns().getFirst().data().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      to.setAtIndex(ValueLayout.JAVA_DOUBLE, start + i + 1, (double) id);
    }
  }

  private static double event(@Nullable StateTensors state, int i) {
    return state == null
        ? Double.NaN
        : state.segments().getFirst().getAtIndex(ValueLayout.JAVA_DOUBLE, i + 1);
  }

  private Lease get(StateCache cache, String user, long... events) {
    return cache.get(key(user), SPEC, history(events), Budget.UNLIMITED, this::encode);
  }

  private static void assertHolds(Lease lease, long... events) {
    assertEquals(events.length, lease.tensors().events());
    for (int i = 0; i < events.length; i++) {
      assertEquals((double) events[i], event(lease.tensors(), i));
    }
  }

  @Test
  void growsFromAPrefixOfAnyLength() {
    try (var cache = cache(1 << 20)) {
      for (int cached = 0; cached < 4; cached++) {
        for (int n = cached; n < 5; n++) {
          String user = cached + "-" + n;
          long[] all = {5, 6, 7, 8};
          get(cache, user, java.util.Arrays.copyOf(all, cached)).close();
          try (var lease = get(cache, user, java.util.Arrays.copyOf(all, n))) {
            assertEquals(
                n == cached ? StateOutcome.HIT : StateOutcome.EXTEND, lease.outcome(), user);
            assertHolds(lease, java.util.Arrays.copyOf(all, n));
          }
        }
      }
    }
  }

  @Test
  void aShorterHistoryIsEncodedAgain() {
    try (var cache = cache(1 << 20)) {
      get(cache, "u", 1, 2, 3).close();
      try (var lease = get(cache, "u", 1, 2)) {
        assertEquals(StateOutcome.MISS, lease.outcome());
        assertEquals("history of 2 events, the cached one has 3", lease.reason());
        assertHolds(lease, 1, 2);
      }
    }
  }

  @Test
  void anEvictedStateStaysWholeForWhoeverHoldsIt() {
    // A state of three events takes 64 bytes: room for one.
    try (var cache = cache(100)) {
      var held = get(cache, "first", 1, 2, 3);
      for (int i = 0; i < 50; i++) {
        get(cache, "user-" + i, 7, 8, 9).close();
      }
      assertTrue(cache.evictions() > 0);
      assertTrue(cache.bytes() <= 100);
      assertHolds(held, 1, 2, 3);
      held.close();
      assertEquals(cache.bytes(), memory.liveBytes());
    }
    assertEquals(0, memory.liveBytes());
  }

  @Test
  void aReplacedStateIsFreedWithItsLastReader() {
    try (var cache = cache(1 << 20)) {
      var old = get(cache, "u", 1);
      get(cache, "u", 2).close();
      assertHolds(old, 1);
      assertEquals(128, memory.liveBytes());
      old.close();
      assertEquals(64, memory.liveBytes());
    }
  }

  @Test
  void aStateExpiresAfterItsLastWrite() {
    try (var cache = cache(1 << 20)) {
      get(cache, "u", 1).close();
      nanos.addAndGet(Duration.ofSeconds(9).toNanos());
      try (var lease = get(cache, "u", 1)) {
        assertEquals(StateOutcome.HIT, lease.outcome());
      }
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
      try (var lease = get(cache, "u", 1)) {
        assertEquals("no state for this user", lease.reason());
      }
      assertEquals(64, memory.liveBytes());
    }
  }

  @Test
  void aStateWithNaNIsGivenButNotKept() {
    try (var cache = cache(1 << 20)) {
      var lease =
          cache.get(
              key("u"),
              SPEC,
              history(1),
              Budget.UNLIMITED,
              (_, _, out) ->
                  out.segments().getFirst().setAtIndex(ValueLayout.JAVA_DOUBLE, 1, Double.NaN));
      assertEquals(
          "no state for this user; not kept: the state holds NaN or infinity", lease.reason());
      lease.close();
      assertEquals(0, memory.liveBytes());
      assertEquals(0, cache.entries());
    }
  }

  @Test
  void aFailedEncodingLeavesNothingAndTheNextOneTries() {
    try (var cache = cache(1 << 20)) {
      assertThrows(
          IllegalStateException.class,
          () ->
              cache.get(
                  key("u"),
                  SPEC,
                  history(1),
                  Budget.UNLIMITED,
                  (_, _, _) -> {
                    throw new IllegalStateException("no");
                  }));
      assertEquals(0, memory.liveBytes());
      try (var lease = get(cache, "u", 1)) {
        assertEquals(StateOutcome.MISS, lease.outcome());
      }
    }
  }

  @Test
  void oneEncodesAndTheOthersWaitOrRunOutOfTime() throws Exception {
    try (var cache = cache(1 << 20);
        var threads = Executors.newFixedThreadPool(2)) {
      var isEncoding = new CountDownLatch(1);
      var mayEnd = new CountDownLatch(1);
      var first =
          threads.submit(() ->
              cache.get(
                  key("u"),
                  SPEC,
                  history(1),
                  Budget.UNLIMITED,
                  (fresh, past, out) -> {
                    isEncoding.countDown();
                    awaitUnchecked(mayEnd);
                    encode(fresh, past, out);
                  }));
      isEncoding.await();
      var second = threads.submit(() -> get(cache, "u", 1));
      var soon = new Budget(true, System.nanoTime() + 1_000_000, () -> false);
      var late =
          assertThrows(
              RequestException.class,
              () -> cache.get(key("u"), SPEC, history(1), soon, this::encode));
      assertEquals(ErrorCode.DEADLINE_PASSED, late.code());

      mayEnd.countDown();

      try (var one = first.get();
          var two = second.get()) {
        assertEquals(StateOutcome.MISS, one.outcome());
        assertEquals(StateOutcome.HIT, two.outcome());
        assertEquals(1, encodings.get());
      }
    }
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void forgettingAVersionKeepsTheOthers() {
    try (var cache = cache(1 << 20)) {
      get(cache, "u", 1).close();
      cache
          .get(
              new StateKey("m", "2", "other", "u"),
              SPEC,
              history(1),
              Budget.UNLIMITED,
              this::encode)
          .close();
      cache.forget(SPEC);
      assertEquals(64, memory.liveBytes());
    }
  }
}
