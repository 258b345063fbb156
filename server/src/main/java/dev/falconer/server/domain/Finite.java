package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Looks for numbers that no model should see. */
public final class Finite {
  private static final int FLOAT_EXPONENT = 0x7f80_0000;
  private static final long DOUBLE_EXPONENT = 0x7ff0_0000_0000_0000L;

  private Finite() {}

  /** Returns the index of the first element that is NaN, infinite or no boolean, or -1. */
  static long firstBad(Column column) {
    return switch (column.dtype()) {
      case FLOAT32 -> firstBadFloat(column.data());
      case FLOAT64 -> firstBadDouble(column.data());
      case BOOL -> firstBadBoolean(column.data());
      case INT8, UINT8, INT16, INT32, INT64, STRING -> -1;
    };
  }

  /** Returns the index of the first float32 that is NaN or infinite, or -1. */
  public static long firstBadFloat(MemorySegment floats) {
    long count = floats.byteSize() / Float.BYTES;
    for (long i = 0; i < count; i++) {
      int bits = floats.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
      if ((bits & FLOAT_EXPONENT) == FLOAT_EXPONENT) {
        return i;
      }
    }
    return -1;
  }

  /** Returns whether every element is a finite number; true for types that hold no others. */
  public static boolean isFinite(DType dtype, MemorySegment numbers) {
    return switch (dtype) {
      case FLOAT32 -> firstBadFloat(numbers) < 0;
      case FLOAT64 -> firstBadDouble(numbers) < 0;
      case INT8, UINT8, INT16, INT32, INT64, BOOL, STRING -> true;
    };
  }

  private static long firstBadDouble(MemorySegment doubles) {
    long count = doubles.byteSize() / Double.BYTES;
    for (long i = 0; i < count; i++) {
      long bits = doubles.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      if ((bits & DOUBLE_EXPONENT) == DOUBLE_EXPONENT) {
        return i;
      }
    }
    return -1;
  }

  private static long firstBadBoolean(MemorySegment bytes) {
    for (long i = 0; i < bytes.byteSize(); i++) {
      if ((bytes.get(ValueLayout.JAVA_BYTE, i) & ~1) != 0) {
        return i;
      }
    }
    return -1;
  }
}
