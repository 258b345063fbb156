package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** Loops over registers alone in C: the most that a thread can multiply with an instruction set. */
public final class NativePeak {
  private final Isa isa;
  private final MethodHandle function;

  /**
   * Finds the loops.
   *
   * @param isa native, one that this processor has
   */
  NativePeak(NativeLibrary library, Isa isa) {
    this.function = library.function("falconer_peak", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    this.isa = isa;
  }

  /**
   * Runs a loop of float32 FMA, or of int8 products added in 32 bits: vpdpbusd, or vpmaddubsw with
   * vpmaddwd and vpaddd.
   *
   * @return operations done, two a product; 0 where there is no loop
   */
  public long run(boolean isInt8, long rounds) {
    try {
      return (long) function.invokeExact(isa.number(), isInt8 ? 1 : 0, rounds);
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_peak", e);
    }
  }
}
