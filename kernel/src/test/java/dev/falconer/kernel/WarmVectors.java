package dev.falconer.kernel;

import com.sun.management.ThreadMXBean;
import dev.falconer.packed.Layout;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;

/**
 * A program that warms up vector kernels one after the other and prints of each whether that ended
 * and the fewest bytes that 200 calls allocated on the heap. A program of its own: what other tests
 * did is not in the compiler's way.
 */
final class WarmVectors {
  private static final int ROWS = 17;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private WarmVectors() {}

  /** Takes "bits kind" each, kind a layout, rows or attention. */
  public static void main(String[] arguments) {
    for (String argument : arguments) {
      int bits = Integer.parseInt(argument.substring(0, 3));
      String kind = argument.substring(4);
      switch (kind) {
        case "rows" -> rows(bits, argument);
        case "attention" -> attention(bits, argument);
        default -> product(bits, Layout.valueOf(kind), argument);
      }
    }
  }

  private static void product(int bits, Layout layout, String name) {
    var execution = new VectorMatMul(bits);
    var each = new KernelContract.Case(layout, 33, 67, .3, 0, 5); // a panel of one output
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = KernelContract.weight(each, arena);
      long x = arena.allocate(4L * ROWS * each.in(), 64).address();
      long y = arena.allocate(4L * ROWS * each.out(), 64).address();
      say(
          name,
          execution.warmUp(weight, ROWS, LIMIT),
          () -> execution.run(weight, x, each.in(), ROWS, 0, Activation.RELU, y, each.out()));
    }
  }

  private static void rows(int bits, String name) {
    var execution = new VectorRows(bits);
    int width = 33;
    try (Arena arena = Arena.ofConfined()) {
      long x = arena.allocate(4L * ROWS * width, 64).address();
      say(
          name,
          execution.warmUp(Set.of(Activation.GELU), LIMIT),
          () -> {
            execution.layerNorm(x, width, ROWS, width, x, 0, 1, x, width);
            execution.layerNorm(x, width, ROWS, width - 1, x, 0, 1, x, width);
            execution.activate(Activation.GELU, x, width, ROWS, width - 1);
            execution.add(x, width, ROWS, width, x, width);
          });
    }
  }

  private static void attention(int bits, String name) {
    var execution = new VectorAttention(bits);
    var shape = new AttentionShape(2, 20, 1, false);
    int all = shape.all();
    int tokens = 19;
    try (Arena arena = Arena.ofConfined()) {
      long x = arena.allocate(4L * tokens * all, 64).address();
      long y = arena.allocate(4L * ROWS * all, 64).address();
      long state = arena.allocate(execution.bytes(shape, tokens), 64).address();
      var each = new Attention.Tokens(x, 20, all);
      say(
          name,
          execution.warmUp(LIMIT),
          () -> {
            execution.prepare(shape, each, each, tokens, 0, state);
            execution.run(shape, state, tokens, x, all, ROWS, x, x, all, y, all);
          });
    }
  }

  private static void say(String name, boolean isWarm, Runnable call) {
    long least = Long.MAX_VALUE; // the compiler may once take back what it took for granted
    for (int round = 0; round < 5; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 200; i++) {
        call.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    System.out.printf("%s %s %d%n", name, isWarm, least);
  }
}
