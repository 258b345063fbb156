package dev.falconer.compressor.execute;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/** Crosses between Java's view of native memory and JavaCPP's. */
final class Memory {
  private Memory() {}

  /** A pointer to a segment's memory; the segment must outlive every use. */
  private static final class Address extends Pointer {
    Address(MemorySegment segment) {
      this.address = segment.address();
    }
  }

  static Pointer pointer(MemorySegment segment) {
    return new Address(segment);
  }

  /** Returns a view of {@code bytes} bytes at a pointer, valid as long as its owner lives. */
  @SuppressWarnings("restricted") // libtorch hands out bare addresses
  static MemorySegment segment(Pointer pointer, long bytes) {
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }
}
