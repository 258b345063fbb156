package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/**
 * The product by C kernels of an instruction set. Every thread that multiplies keeps scratch for
 * the largest weight it met: about 96 bytes an input in int8, 64 in float32, 256 if the weight is
 * over 1 MB.
 */
public final class NativeMatMul implements MatMul {
  private static final long ALIGNMENT = 64;

  private final Isa isa;
  private final int number;
  private final MethodHandle function;
  private final ThreadLocal<MemorySegment> scratch =
      ThreadLocal.withInitial(() -> MemorySegment.NULL);

  /**
   * Finds the product.
   *
   * @param isa native, one that this processor has
   */
  NativeMatMul(NativeLibrary library, Isa isa) {
    this.function =
        library.function(
            "falconer_matmul",
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    this.isa = isa;
    this.number = isa.number();
  }

  /** Returns the instruction set. */
  public Isa isa() {
    return isa;
  }

  @Override
  public void run(
      PackedMatrix weight,
      long x,
      long xStride,
      int rows,
      long bias,
      Activation activation,
      long y,
      long yStride) {
    int relu = activation == Activation.RELU ? 1 : 0;
    MemorySegment room = scratch.get();
    long wanted;
    while ((wanted = call(weight.address(), x, xStride, rows, bias, relu, y, yStride, room)) > 0) {
      room = Arena.ofAuto().allocate(wanted, ALIGNMENT);
      scratch.set(room);
    }
  }

  /** Returns 0, or the bytes of scratch that it takes instead. */
  private long call(
      long weight,
      long x,
      long xStride,
      long rows,
      long bias,
      int relu,
      long y,
      long yStride,
      MemorySegment room) {
    try {
      return (long)
          function.invokeExact(
              number,
              weight,
              x,
              xStride,
              rows,
              bias,
              relu,
              y,
              yStride,
              room.address(),
              room.byteSize());
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_matmul", e);
    } finally {
      Reference.reachabilityFence(room);
    }
  }

  @Override
  public String toString() {
    return "native, " + isa;
  }
}
