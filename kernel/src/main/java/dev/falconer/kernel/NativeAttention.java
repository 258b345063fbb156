package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** Attention by C kernels of an instruction set, which keep what they need on the stack: 80 KB. */
public final class NativeAttention implements Attention {
  private final Isa isa;
  private final MethodHandle round;
  private final MethodHandle bytes;
  private final MethodHandle prepare;
  private final MethodHandle run;

  /**
   * Finds the kernels.
   *
   * @param isa native, one that this processor has
   */
  NativeAttention(NativeLibrary library, Isa isa) {
    this.isa = isa;
    round =
        library.procedure(
            "falconer_attention_round", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    bytes =
        library.function(
            "falconer_attention_bytes", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    prepare =
        library.procedure(
            "falconer_attention_prepare",
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    run =
        library.procedure(
            "falconer_attention_run",
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_FLOAT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
  }

  @Override
  public void round(int width, long from, long count, long to) {
    try {
      round.invokeExact(isa.number(), width, from, count, to);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_attention_round", e);
    }
  }

  @Override
  public long bytes(AttentionShape shape, int tokens) {
    try {
      return (long) bytes.invokeExact(shape.heads(), shape.width(), type(shape), (long) tokens);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_attention_bytes", e);
    }
  }

  @Override
  public void prepare(
      AttentionShape shape, Tokens keys, Tokens values, int tokens, long mask, long state) {
    try {
      prepare.invokeExact(
          isa.number(),
          shape.heads(),
          shape.width(),
          type(shape),
          keys.areRounded() ? 1 : 0,
          keys.address(),
          keys.headStride(),
          keys.tokenStride(),
          values.address(),
          values.headStride(),
          values.tokenStride(),
          (long) tokens,
          mask,
          state);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_attention_prepare", e);
    }
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
    try {
      run.invokeExact(
          isa.number(),
          shape.heads(),
          shape.width(),
          shape.scale(),
          type(shape),
          (long) tokens,
          state,
          query,
          queryStride,
          (long) rows,
          ownKeys,
          ownValues,
          ownStride,
          y,
          yStride);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_attention_run", e);
    }
  }

  private static int type(AttentionShape shape) {
    return shape.isInt8() ? 1 : 0;
  }

  @Override
  public String toString() {
    return "native, " + isa;
  }
}
