package dev.falconer.compressor.pack;

/**
 * Weights [out, in] as levels of a scale an output: weight = level x scale, zero is level 0. A row
 * that lies on such a grid already, because it was quantised before, keeps its levels.
 *
 * @param levels [out, in] row-major
 * @param scales [out], above 0
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Levels(byte[] levels, float[] scales) {
  /** Of a level: how far products of float32 scales and integers may be off it. */
  private static final double CLOSE = 1e-4;

  /** Returns the levels of weights, the largest of a row at most {@code most}. */
  static Levels of(float[] weight, int out, int in, int most) {
    var levels = new byte[out * in];
    var scales = new float[out];
    for (int o = 0; o < out; o++) {
      float largest = 0;
      for (int i = 0; i < in; i++) {
        largest = Math.max(largest, Math.abs(weight[o * in + i]));
      }
      if (!Float.isFinite(largest)) {
        throw new IllegalArgumentException("output %d has a weight of %s".formatted(o, largest));
      }
      int top = largest == 0 ? most : top(weight, o * in, in, largest, most);
      scales[o] = largest == 0 ? 1 : Math.max(largest / top, Float.MIN_NORMAL);
      for (int i = 0; i < in; i++) {
        long level = Math.round(weight[o * in + i] / (double) scales[o]);
        levels[o * in + i] = (byte) Math.clamp(level, -most, most);
      }
    }
    return new Levels(levels, scales);
  }

  /** Returns whether every row lies on a grid of so many levels. */
  static boolean isGrid(float[] weight, int out, int in, int most) {
    for (int o = 0; o < out; o++) {
      float largest = 0;
      for (int i = 0; i < in; i++) {
        largest = Math.max(largest, Math.abs(weight[o * in + i]));
      }
      if (largest != 0 && top(weight, o * in, in, largest, most + 1) > most) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the level of a row's largest weight: the least of which all are integers, or the most.
   */
  private static int top(float[] weight, int from, int in, float largest, int most) {
    for (int top = 1; top < most; top++) {
      double unit = (double) largest / top;
      boolean isGrid = true;
      for (int i = 0; isGrid && i < in; i++) {
        double level = weight[from + i] / unit;
        isGrid = Math.abs(level - Math.rint(level)) <= CLOSE;
      }
      if (isGrid) {
        return top;
      }
    }
    return most;
  }
}
