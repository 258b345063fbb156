package dev.falconer.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A thread's room for what lies between the steps of an operator; it grows to the most needed. */
final class Scratch {
  private static final long ALIGNMENT = 64;
  private static final int FLOATS = 16;

  private MemorySegment room = MemorySegment.NULL;
  private long used;

  /** Begins anew, with room for so many bytes in total, as {@link #take} counts them. */
  void begin(long bytes) {
    if (room.byteSize() < bytes) {
      room = Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }
    used = 0;
  }

  /** Returns the address of the next bytes, aligned to 64. */
  long take(long bytes) {
    long address = room.address() + used;
    used += aligned(bytes);
    if (used > room.byteSize()) {
      throw new IllegalStateException(used + " bytes of scratch, begun with " + room.byteSize());
    }
    return address;
  }

  /** Returns the bytes that {@link #take} takes. */
  static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Returns floats from a row to the next: whole lines, and no row in the last one's cache set. */
  static int pitch(int width) {
    return (width + FLOATS - 1) / FLOATS * FLOATS + FLOATS;
  }

  /** Returns the bytes of rows of a width. */
  static long bytes(int rows, int width) {
    return (long) Float.BYTES * rows * pitch(width);
  }
}
