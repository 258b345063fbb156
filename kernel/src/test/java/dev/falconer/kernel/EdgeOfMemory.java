package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** Memory with a page right behind it, or before it, whose use ends the process. Linux. */
@SuppressWarnings("restricted") // mmap
final class EdgeOfMemory implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final MethodHandle MMAP =
      function("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MPROTECT =
      function("mprotect", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MUNMAP = function("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

  private final boolean isBehind;
  private final List<MemorySegment> mapped = new ArrayList<>();

  /**
   * Makes no memory yet.
   *
   * @param isBehind whether the page stands behind what is allocated
   */
  EdgeOfMemory(boolean isBehind) {
    this.isBehind = isBehind;
  }

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  /** Returns zeros. */
  MemorySegment allocate(long bytes) {
    long pages = Math.ceilDiv(bytes, PAGE) * PAGE;
    try {
      long start = (long) MMAP.invokeExact(0L, pages + PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      mapped.add(MemorySegment.ofAddress(start).reinterpret(pages + PAGE));
      if (start == -1
          || (int) MPROTECT.invokeExact(isBehind ? start + pages : start, PAGE, 0) != 0) {
        throw new IllegalStateException("no memory of " + bytes + " bytes");
      }
      long address = isBehind ? start + pages - bytes : start + PAGE;
      return MemorySegment.ofAddress(address).reinterpret(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    for (MemorySegment each : mapped) {
      try {
        int _ = (int) MUNMAP.invokeExact(each.address(), each.byteSize());
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
