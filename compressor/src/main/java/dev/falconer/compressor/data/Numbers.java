package dev.falconer.compressor.data;

import java.util.Arrays;

/** Growing arrays of primitive numbers, for logs of many million rows. */
final class Numbers {
  private Numbers() {}

  private static int grown(int length) {
    int wanted = length + (length >> 1) + 16;
    if (wanted < 0) {
      throw new IllegalStateException("a log holds at most about 1.4 billion numbers per column");
    }
    return wanted;
  }

  /** Ints. */
  static final class Ints {
    private int[] values = new int[1024];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    int size() {
      return size;
    }

    int last() {
      return values[size - 1];
    }

    int[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }

  /** Longs. */
  static final class Longs {
    private long[] values = new long[1024];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    int size() {
      return size;
    }

    long last() {
      return values[size - 1];
    }

    long[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }

  /** Shorts, given as ints of 0..32767. */
  static final class Codes {
    private short[] values = new short[1024];
    private int size;

    void add(int value) {
      if (value < 0 || value > Short.MAX_VALUE) {
        throw new IllegalArgumentException("code " + value + " is outside 0..32767");
      }
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = (short) value;
    }

    short[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }

  /** Floats. */
  static final class Floats {
    private float[] values = new float[1024];
    private int size;

    void add(float value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, grown(size));
      }
      values[size++] = value;
    }

    void addAll(float[] row) {
      for (float value : row) {
        add(value);
      }
    }

    float[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
