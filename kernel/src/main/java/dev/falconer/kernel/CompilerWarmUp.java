package dev.falconer.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Calls a kernel until the optimising compiler has compiled it. A vector is an object until then,
 * so a kernel is compiled when its calls allocate nothing. One kernel at a time: what is called
 * first while many methods wait for the compiler can stay slow for ever.
 */
final class CompilerWarmUp {
  private static final int CALLS = 20;
  private static final int QUIET_ROUNDS = 5;

  private CompilerWarmUp() {}

  /**
   * Returns whether a kernel that allocates nothing when compiled was compiled within the limit.
   */
  static boolean run(Runnable kernel, Duration limit) {
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long start = System.nanoTime();
    int quiet = 0;
    while (quiet < QUIET_ROUNDS) {
      if (System.nanoTime() - start > limit.toNanos()) {
        return false;
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        kernel.run();
      }
      boolean isQuiet = before >= 0 && threads.getCurrentThreadAllocatedBytes() == before;
      quiet = isQuiet ? quiet + 1 : 0;
    }
    return true;
  }

  /** Kernels one after the other, each within a limit. */
  static final class Sequence {
    private final Duration limit;
    private boolean isDone = true;

    Sequence(Duration limit) {
      this.limit = limit;
    }

    /** Has the next one compiled. */
    void run(Runnable kernel) {
      isDone &= CompilerWarmUp.run(kernel, limit);
    }

    /** Returns whether all were compiled. */
    boolean isDone() {
      return isDone;
    }
  }
}
