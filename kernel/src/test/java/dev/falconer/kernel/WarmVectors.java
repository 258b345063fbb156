package dev.falconer.kernel;

import com.sun.management.ThreadMXBean;
import dev.falconer.packed.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;

/**
 * A program that warms up the vector kernels of several widths one after the other and prints, of
 * each width and layout, whether that ended and the fewest bytes that 200 products allocated on the
 * heap. A program of its own: what other tests did is not in the compiler's way.
 */
final class WarmVectors {
  private static final int ROWS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private WarmVectors() {}

  /** Takes the bits of vectors. */
  public static void main(String[] arguments) {
    for (String bits : arguments) {
      warm(Integer.parseInt(bits));
    }
  }

  private static void warm(int bits) {
    var execution = new VectorMatMul(bits);
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    for (Layout layout : List.of(Layout.DENSE, Layout.PERMUTE16, Layout.PANEL16)) {
      // Copied rows, and a panel of one output.
      var each = new KernelContract.Case(layout, 33, 67, .3, 0, 5);
      try (Arena arena = Arena.ofConfined()) {
        PackedMatrix weight = KernelContract.weight(each, arena);
        MemorySegment x = arena.allocate(4L * ROWS * each.in(), 64);
        MemorySegment y = arena.allocate(4L * ROWS * each.out(), 64);
        boolean isWarm = execution.warmUp(weight, ROWS, LIMIT);
        long least = Long.MAX_VALUE; // the compiler may once take back what it took for granted
        for (int round = 0; round < 5; round++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < 200; i++) {
            execution.run(
                weight, x.address(), each.in(), ROWS, 0, Activation.RELU, y.address(), each.out());
          }
          least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.printf("%d %s %s %d%n", bits, layout, isWarm, least);
      }
    }
  }
}
