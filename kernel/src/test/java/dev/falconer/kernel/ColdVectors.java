package dev.falconer.kernel;

import com.sun.management.ThreadMXBean;
import dev.falconer.packed.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * A program that multiplies by the widest vectors without warming them up, as a graph would, and
 * prints of each layout whether that came to allocate nothing on the heap, which is to be compiled.
 */
final class ColdVectors {
  private static final int ROWS = 48;
  private static final long LIMIT_NANOS = 30_000_000_000L;

  private ColdVectors() {}

  /** Takes nothing. */
  public static void main(String[] arguments) {
    VectorMatMul execution = VectorMatMul.widest().orElseThrow();
    for (Layout layout : List.of(Layout.DENSE, Layout.PERMUTE16, Layout.PANEL16)) {
      var each = new KernelContract.Case(layout, 32, 32, .3, 0, 5);
      try (Arena arena = Arena.ofConfined()) {
        PackedMatrix weight = KernelContract.weight(each, arena);
        MemorySegment x = arena.allocate(4L * ROWS * each.in(), 64);
        MemorySegment y = arena.allocate(4L * ROWS * each.out(), 64);
        boolean isCompiled =
            becomesQuiet(() ->
                execution.run(
                    weight,
                    x.address(),
                    each.in(),
                    ROWS,
                    0,
                    Activation.NONE,
                    y.address(),
                    each.out()));
        System.out.println(layout + " " + isCompiled);
      }
    }
  }

  private static boolean becomesQuiet(Runnable product) {
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long start = System.nanoTime();
    while (System.nanoTime() - start < LIMIT_NANOS) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        product.run();
      }
      if (threads.getCurrentThreadAllocatedBytes() == before) {
        return true;
      }
    }
    return false;
  }
}
