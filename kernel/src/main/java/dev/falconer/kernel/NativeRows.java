package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** What is done to rows, by C kernels of an instruction set. */
public final class NativeRows implements RowMath {
  private final Isa isa;
  private final MethodHandle layerNorm;
  private final MethodHandle activate;
  private final MethodHandle add;

  /**
   * Finds the kernels.
   *
   * @param isa native, one that this processor has
   */
  NativeRows(NativeLibrary library, Isa isa) {
    this.isa = isa;
    layerNorm =
        library.procedure(
            "falconer_layer_norm",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_FLOAT,
            JAVA_LONG,
            JAVA_LONG);
    activate =
        library.procedure(
            "falconer_activate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    add =
        library.procedure(
            "falconer_add",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
  }

  @Override
  public void layerNorm(
      long x,
      long xStride,
      int rows,
      int width,
      long scale,
      long shift,
      float epsilon,
      long y,
      long yStride) {
    try {
      layerNorm.invokeExact(
          isa.number(), x, xStride, (long) rows, (long) width, scale, shift, epsilon, y, yStride);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_layer_norm", e);
    }
  }

  @Override
  public void activate(Activation activation, long y, long yStride, int rows, int width) {
    try {
      activate.invokeExact(
          isa.number(), activation.number(), y, yStride, (long) rows, (long) width);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_activate", e);
    }
  }

  @Override
  public void add(long x, long xStride, int rows, int width, long y, long yStride) {
    try {
      add.invokeExact(isa.number(), x, xStride, (long) rows, (long) width, y, yStride);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_add", e);
    }
  }

  @Override
  public String toString() {
    return "native, " + isa;
  }
}
