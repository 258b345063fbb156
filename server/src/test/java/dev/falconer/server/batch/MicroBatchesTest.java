package dev.falconer.server.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class MicroBatchesTest {
  @Test
  void scoresEachCandidateOnceWhateverTheSizeAndTheThreads() {
    try (var pool = Executors.newFixedThreadPool(3)) {
      for (int idle = 0; idle < 4; idle++) {
        int threads = idle;
        var batches = new MicroBatches(pool, () -> threads);
        for (int m : new int[] {0, 1, 2, 7, 8, 9, 100}) {
          for (int size : new int[] {1, 2, 7, 8, 100, 1000}) {
            var seen = new AtomicIntegerArray(m);
            batches.score(
                m,
                size,
                (from, count) -> {
                  assertEquals(0, from % size);
                  for (int i = from; i < from + count; i++) {
                    seen.incrementAndGet(i);
                  }
                });
            for (int i = 0; i < m; i++) {
              assertEquals(1, seen.get(i), m + " candidates in " + size + "s");
            }
          }
        }
      }
    }
  }

  @Test
  void needsNoThreadOfThePool() {
    Executor never = _ -> {};
    var scored = new AtomicInteger();

    new MicroBatches(never, () -> 5).score(10, 3, (_, count) -> scored.addAndGet(count));

    assertEquals(10, scored.get());
  }

  @Test
  void aFailureComesBackAfterEveryRunHasEnded() throws InterruptedException {
    var failure = new IllegalStateException("run 1");
    var hasFailed = new CountDownLatch(1);
    var running = new AtomicInteger();
    try (var pool = Executors.newFixedThreadPool(1)) {
      var batches = new MicroBatches(pool, () -> 1);

      var thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  batches.score(
                      2,
                      1,
                      (from, _) -> {
                        running.incrementAndGet();
                        try {
                          if (from == 1) {
                            hasFailed.countDown();
                            throw failure;
                          }
                          hasFailed.await();
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        } finally {
                          running.decrementAndGet();
                        }
                      }));

      assertSame(failure, thrown);
      assertEquals(0, running.get());
    }
  }
}
