package dev.falconer.server.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blocks of native memory aligned to 64 bytes, freed by hand. For user states, which live long and
 * go at a known moment: closing a shared arena stops every thread, which {@code free} doesn't.
 *
 * <p>Whoever allocates a block owns it, and frees it once, when nobody reads it any more.
 */
@SuppressWarnings("restricted") // The two C functions, and the size of what they return.
public final class NativeMemory {
  /** A cache line, and the widest vector. */
  public static final long ALIGNMENT = 64;

  private final MethodHandle alignedAlloc;
  private final MethodHandle free;
  private final AtomicLong liveBytes = new AtomicLong();

  /** Creates an allocator with an account of its own. */
  public NativeMemory() {
    var linker = Linker.nativeLinker();
    var symbols = linker.defaultLookup();
    alignedAlloc =
        linker.downcallHandle(
            symbols.findOrThrow("aligned_alloc"),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    free =
        linker.downcallHandle(
            symbols.findOrThrow("free"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
  }

  /** Returns the size rounded up to the alignment. */
  public static long aligned(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Returns a block of exactly that size; its content is arbitrary. */
  public MemorySegment allocate(long bytes) {
    // Never 0 bytes, so that the address is a real one.
    long size = Math.max(aligned(bytes), ALIGNMENT);
    MemorySegment block;
    try {
      block = (MemorySegment) alignedAlloc.invokeExact(ALIGNMENT, size);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("aligned_alloc", e);
    }
    if (block.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("no native memory for a state of " + bytes + " bytes");
    }
    liveBytes.addAndGet(bytes);
    return block.reinterpret(bytes, Arena.global(), null);
  }

  /** Frees a block that {@link #allocate} returned. */
  public void free(MemorySegment block) {
    try {
      free.invokeExact(block);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("free", e);
    }
    liveBytes.addAndGet(-block.byteSize());
  }

  /** Returns the bytes allocated and not freed. */
  public long liveBytes() {
    return liveBytes.get();
  }
}
