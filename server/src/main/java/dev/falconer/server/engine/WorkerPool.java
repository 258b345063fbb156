package dev.falconer.server.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/**
 * A fixed number of named platform threads for what computes. Never more runs of ONNX Runtime at
 * once than there are threads, besides a short request that began when it was alone. The queue has
 * no bound of its own: admission bounds the requests, and each adds at most one task per idle
 * thread.
 *
 * <p>A task goes to the thread that went idle last, whose caches are warm: of two threads that take
 * turns neither ever has warm ones.
 */
public final class WorkerPool implements Executor, AutoCloseable {
  private final ForkJoinPool pool;

  /** Starts no thread before there is work. */
  public WorkerPool(int threads) {
    pool =
        new ForkJoinPool(
            threads,
            WorkerPool::thread,
            null,
            true,
            threads,
            threads,
            0,
            null,
            Long.MAX_VALUE,
            TimeUnit.NANOSECONDS);
  }

  private static ForkJoinWorkerThread thread(ForkJoinPool pool) {
    var thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
    thread.setName("falconer-compute-" + thread.getPoolIndex());
    return thread;
  }

  /** Runs the task on a thread of the pool; rejects it once the pool is closed. */
  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Returns about how many threads have nothing to do. */
  public int idleThreads() {
    return Math.max(0, pool.getParallelism() - pool.getActiveThreadCount());
  }

  /** Returns how many tasks wait. */
  public int waitingTasks() {
    return Math.toIntExact(pool.getQueuedSubmissionCount() + pool.getQueuedTaskCount());
  }

  /** Finishes what was accepted, then stops the threads. */
  @Override
  public void close() {
    pool.close();
  }
}
