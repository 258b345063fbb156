package dev.falconer.server.batch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cuts candidates into micro-batches. The calling thread takes one after the other; threads of the
 * pool that have nothing to do take some of them meanwhile. So a request never waits for a thread
 * that hasn't started: whatever no one else took, its own thread does.
 *
 * <p>Source of the cut: Zhai et al. 2024 (M-FALCON), section 3.4: micro-batches bound the memory of
 * a call and may run in parallel, since candidates don't see each other.
 */
public final class MicroBatches {
  private final Executor pool;
  private final IntSupplier idleThreads;

  /** Scores the candidates {@code from} to {@code from + count}. */
  @FunctionalInterface
  public interface Scorer {
    /** Scores them; throws to fail the request. */
    void score(int from, int count);
  }

  /** Creates batches over a pool, which tells about how many of its threads are idle. */
  public MicroBatches(Executor pool, IntSupplier idleThreads) {
    this.pool = pool;
    this.idleThreads = idleThreads;
  }

  /**
   * Scores all candidates in runs of at most {@code size}. Returns when every run has ended, even
   * when one failed; then throws what the first failure threw.
   */
  public void score(int candidates, int size, Scorer scorer) {
    int runs = Math.ceilDiv(candidates, size);
    if (runs <= 1) {
      if (runs == 1) {
        scorer.score(0, candidates);
      }
      return;
    }
    var work = new Work(candidates, size, runs, scorer);
    int helpers = Math.min(runs - 1, idleThreads.getAsInt());
    try {
      for (int i = 0; i < helpers; i++) {
        pool.execute(work::takeAll);
      }
    } catch (RejectedExecutionException _) {
      // The pool stops: this thread does it all.
    }
    try {
      work.takeAll();
    } finally {
      work.awaitEnd();
    }
    work.throwFailure();
  }

  private static final class Work {
    private final int candidates;
    private final int size;
    private final int runs;
    private final Scorer scorer;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch unfinished;
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile boolean isBroken;

    Work(int candidates, int size, int runs, Scorer scorer) {
      this.candidates = candidates;
      this.size = size;
      this.runs = runs;
      this.scorer = scorer;
      this.unfinished = new CountDownLatch(runs);
    }

    void takeAll() {
      for (int run = next.getAndIncrement(); run < runs; run = next.getAndIncrement()) {
        boolean done = false;
        try {
          if (!isBroken) {
            int from = run * size;
            scorer.score(from, Math.min(size, candidates - from));
          }
          done = true;
        } catch (RuntimeException e) {
          failure.compareAndSet(null, e);
        } finally {
          if (!done) {
            isBroken = true;
          }
          unfinished.countDown();
        }
      }
    }

    /** The memory that runs write to is the caller's: none may outlive this. */
    void awaitEnd() {
      boolean interrupted = false;
      while (unfinished.getCount() > 0) {
        try {
          unfinished.await();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void throwFailure() {
      var first = failure.get();
      if (first != null) {
        throw first;
      }
      if (isBroken) {
        throw new IllegalStateException("a thread of the pool died in a micro-batch");
      }
    }
  }
}
