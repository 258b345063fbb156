package dev.falconer.kernel;

import java.lang.foreign.Arena;
import java.time.Duration;

/**
 * Attention in float32 by vectors of 512 or 256 bits. Fast for widths of whole vectors. Safe for
 * several threads; allocates nothing once compiled.
 */
public final class VectorAttention implements Attention {
  private static final int LINE = 64;

  /** Most floats from a row to the next: those of a block stay within 31 bits. */
  private static final long MOST_STRIDE = 1 << 24;

  private final AttentionKernels kernels;
  private final ThreadLocal<AttentionRun> runs;

  /**
   * Creates the execution, not yet compiled.
   *
   * @param bits of a vector, 512 or 256
   * @throws IllegalArgumentException when they are others or the machine has none such
   */
  public VectorAttention(int bits) {
    kernels = new AttentionKernels(VectorMatMul.checked(bits));
    runs = ThreadLocal.withInitial(() -> new AttentionRun(kernels));
  }

  /**
   * Has the code compiled, each piece alone.
   *
   * @param limit of each of two dozen pieces; a second is usual
   * @return whether all is compiled; false when the compiler was busier than that, or is off
   */
  public boolean warmUp(Duration limit) {
    var warm = new CompilerWarmUp.Sequence(limit);
    kernels.warmUp(warm);
    try (Arena arena = Arena.ofConfined()) {
      for (int width : new int[] {3 * kernels.lanes(), 3 * kernels.lanes() - 1}) {
        var shape = new AttentionShape(2, width, 1, false);
        int tokens = AttentionLoops.BLOCK + kernels.tile() + 1;
        int rows = 2 * kernels.rows() - 1;
        int all = shape.all();
        long some = arena.allocate((long) Float.BYTES * all * (tokens + rows), LINE).address();
        long state = arena.allocate(bytes(shape, tokens), LINE).address();
        long y = arena.allocate((long) Float.BYTES * all * rows, LINE).address();
        var each = new Tokens(some, width, all);
        warm.run(() -> {
          prepare(shape, each, each, tokens, 0, state);
          run(shape, state, tokens, some, all, rows, 0, 0, 0, y, all);
          run(shape, state, tokens, some, all, rows, some, some, all, y, all);
        });
      }
    }
    return warm.isDone();
  }

  @Override
  public boolean has(AttentionShape shape) {
    return !shape.isInt8();
  }

  @Override
  public void round(int width, long from, long count, long to) {
    throw new UnsupportedOperationException("the Java vectors attend in float32 alone");
  }

  @Override
  public long bytes(AttentionShape shape, int tokens) {
    return runs.get().state(checked(shape), tokens, 0).bytes();
  }

  @Override
  public void prepare(
      AttentionShape shape, Tokens keys, Tokens values, int tokens, long mask, long state) {
    runs.get().state(checked(shape), tokens, state).prepare(keys, values, mask);
  }

  @Override
  public void run(
      AttentionShape shape,
      long state,
      int tokens,
      long query,
      long queryStride,
      int rows,
      long ownKeys,
      long ownValues,
      long ownStride,
      long y,
      long yStride) {
    if (queryStride > MOST_STRIDE) {
      throw new IllegalArgumentException(
          "queries %d floats apart, at most %d".formatted(queryStride, MOST_STRIDE));
    }
    AttentionRun run = runs.get();
    AttentionState _ = run.state(checked(shape), tokens, state);
    run.run(
        query,
        Float.BYTES * queryStride,
        rows,
        ownKeys,
        ownValues,
        Float.BYTES * ownStride,
        y,
        Float.BYTES * yStride);
  }

  private static AttentionShape checked(AttentionShape shape) {
    if (shape.isInt8()) {
      throw new IllegalArgumentException(
          shape + ": the Java vectors attend in float32 alone, want isInt8=false");
    }
    return shape;
  }
}
