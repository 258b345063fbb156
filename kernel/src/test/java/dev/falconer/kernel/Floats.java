package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/**
 * Rows of floats in memory that lie anywhere, with a guard in all floats beside them.
 *
 * @param shift bytes that the first float lies behind an address aligned to 64
 * @param stride floats from a row to the next
 */
record Floats(MemorySegment memory, int shift, int rows, int width, long stride) {
  private static final float GUARD = 12345;

  static Floats of(Arena arena, int shift, int rows, int width, long stride) {
    long count = 2L + shift / Float.BYTES + Math.max(0, rows - 1) * stride + width;
    MemorySegment memory = arena.allocate(Float.BYTES * count + shift % Float.BYTES, 64);
    var floats = new Floats(memory, shift, rows, width, stride);
    for (long at = shift % Float.BYTES; at < memory.byteSize(); at += Float.BYTES) {
      memory.set(JAVA_FLOAT_UNALIGNED, at, GUARD);
    }
    return floats;
  }

  static float[] gaussian(int count, long seed) {
    var random = new Random(seed);
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  long address() {
    return memory.address() + shift;
  }

  float at(int row, int column) {
    return memory.get(JAVA_FLOAT_UNALIGNED, offset(row, column));
  }

  private long offset(int row, int column) {
    return shift + Float.BYTES * (row * stride + column);
  }

  /** Puts rows that lie side by side. */
  Floats put(float[] values) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < width; i++) {
        memory.set(JAVA_FLOAT_UNALIGNED, offset(r, i), values[r * width + i]);
      }
    }
    return this;
  }

  /** Returns the rows side by side. */
  float[] take() {
    var values = new float[rows * width];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < width; i++) {
        values[r * width + i] = at(r, i);
      }
    }
    return values;
  }

  /** Checks that all but the rows is as it was. */
  void assertGuards(String what) {
    float[] values = take();
    var guards = new float[values.length];
    Arrays.fill(guards, GUARD);
    put(guards);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment untouched = of(arena, shift, rows, width, stride).memory;
      assertEquals(-1, memory.mismatch(untouched), what + ": wrote beside");
    }
    put(values);
  }
}
