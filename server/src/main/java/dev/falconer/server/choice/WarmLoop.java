package dev.falconer.server.choice;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Calls a variant until the optimising compiler is done with it. A vector in Java is an object
 * until then, so compiled code is told by what its calls allocate: no more than the plain
 * variant's, whose operators are all ONNX Runtime's.
 *
 * @param nanoTime the clock
 * @param allocatedBytes of the calling thread so far
 * @param least time to call for
 * @param most time to call for
 */
public record WarmLoop(
    LongSupplier nanoTime, LongSupplier allocatedBytes, Duration least, Duration most) {
  private static final int QUIET_ROUNDS = 5;

  /** What a call may allocate beyond a plain one. */
  private static final long SLACK = 512;

  /**
   * A round that is faster than the first quiet one by this much shows that something was compiled.
   */
  private static final double PROGRESS = 0.05;

  /**
   * Returns the bytes that a round of calls, one of each size, allocates once all is compiled;
   * empty when that didn't happen in time.
   *
   * @param allowed bytes a round; what the plain variant's takes
   */
  public OptionalLong run(IntConsumer scorer, List<Integer> sizes, long allowed) {
    long start = nanoTime.getAsLong();
    long baseline = Long.MAX_VALUE;
    long fewest = Long.MAX_VALUE;
    int quiet = 0;
    for (long end = start; end - start < most.toNanos(); end = nanoTime.getAsLong()) {
      if (quiet >= QUIET_ROUNDS && end - start >= least.toNanos()) {
        return OptionalLong.of(fewest);
      }
      long from = nanoTime.getAsLong();
      long before = allocatedBytes.getAsLong();
      sizes.forEach(scorer::accept);
      long bytes = allocatedBytes.getAsLong() - before;
      long nanos = nanoTime.getAsLong() - from;
      boolean isCompiled = bytes - SLACK * sizes.size() <= allowed;
      if (isCompiled && nanos >= baseline * (1 - PROGRESS)) {
        quiet++;
      } else {
        quiet = 0;
        baseline = nanos;
      }
      fewest = Math.min(fewest, bytes);
    }
    return OptionalLong.empty();
  }
}
