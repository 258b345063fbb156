package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.solver.TensorDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Does independent work on a few threads.
 *
 * @param threads at least 1
 */
record Workers(int threads) {
  /** Native linear algebra takes more of the stack than Java's default. */
  private static final long STACK = 16L << 20;

  /** Checks the number. */
  Workers {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads, want at least 1");
    }
  }

  /**
   * Returns the results in the order of the work. Throws what the first of it in that order throws,
   * after all have ended.
   */
  <T> List<T> all(List<Callable<T>> work) {
    try (ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.clamp(work.size(), 1, threads),
            Thread.ofPlatform().name("worker-", 0).daemon().stackSize(STACK).factory())) {
      TensorDevice device = TensorDevice.current();
      List<Future<T>> running =
          work.stream().map(each -> pool.submit(() -> device.call(each::call))).toList();
      var results = new ArrayList<T>();
      for (Future<T> each : running) {
        results.add(result(each));
      }
      return results;
    }
  }

  private static <T> T result(Future<T> running) {
    try {
      return running.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
