package dev.falconer.compressor.solver;

/**
 * Standard normal numbers as NumPy's {@code RandomState(seed).randn} draws them: MT19937 (Matsumoto
 * and Nishimura 1998) and the polar method, the second of each pair first.
 */
final class NumpyNormals {
  private static final int LENGTH = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[LENGTH];
  private int at = LENGTH;
  private double spare;
  private boolean hasSpare;

  NumpyNormals(int seed) {
    state[0] = seed;
    for (int i = 1; i < LENGTH; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  double next() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    while (true) {
      double x = 2 * uniform() - 1;
      double y = 2 * uniform() - 1;
      double square = x * x + y * y;
      if (square < 1 && square != 0) {
        double factor = Math.sqrt(-2 * Math.log(square) / square);
        spare = factor * x;
        hasSpare = true;
        return factor * y;
      }
    }
  }

  private double uniform() {
    int high = word() >>> 5;
    int low = word() >>> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  private int word() {
    if (at == LENGTH) {
      for (int i = 0; i < LENGTH; i++) {
        int y = (state[i] & 0x80000000) | (state[(i + 1) % LENGTH] & 0x7fffffff);
        state[i] = state[(i + SHIFT) % LENGTH] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
      }
      at = 0;
    }
    int y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }
}
