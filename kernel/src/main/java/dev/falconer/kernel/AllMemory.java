package dev.falconer.kernel;

import java.lang.foreign.MemorySegment;

/** Memory by its address, unchecked: for addresses of tensors whose shapes were checked. */
final class AllMemory {
  @SuppressWarnings("restricted") // The point of it.
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private AllMemory() {}
}
