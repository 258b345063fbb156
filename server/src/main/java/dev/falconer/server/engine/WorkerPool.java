package dev.falconer.server.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A fixed number of named platform threads for everything that computes. Never more runs of ONNX
 * Runtime at once than there are threads. The queue has no bound of its own: admission bounds the
 * requests, and each adds at most one task per idle thread.
 */
public final class WorkerPool implements Executor, AutoCloseable {
  private final ThreadPoolExecutor executor;

  /** Starts the threads. */
  public WorkerPool(int threads) {
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("falconer-compute-", 0).daemon(true).factory());
    executor.prestartAllCoreThreads();
  }

  /** Runs the task on a thread of the pool; rejects it once the pool is closed. */
  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  /** Returns about how many threads have nothing to do. */
  public int idleThreads() {
    return Math.max(0, executor.getCorePoolSize() - executor.getActiveCount());
  }

  /** Returns how many tasks wait. */
  public int waitingTasks() {
    return executor.getQueue().size();
  }

  /** Finishes what was accepted, then stops the threads. */
  @Override
  public void close() {
    executor.close();
  }
}
