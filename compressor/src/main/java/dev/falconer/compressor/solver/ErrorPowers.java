package dev.falconer.compressor.solver;

/**
 * Sums of |rounding error|^p. Errors of codes that are not clipped are at most half a scale: their
 * powers come from a table, linear between its entries, which differ from the power by less than
 * 1e-5 of its largest; a call of pow for each of them is ten times slower.
 */
final class ErrorPowers {
  private static final int STEPS = 1024;
  private static final float ROUND = 12582912f; // 1.5 * 2^23: adding it drops a float's fraction

  private final double power;
  private final float[] table = new float[STEPS + 2];

  ErrorPowers(double power) {
    this.power = power;
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) Math.pow(.5 * i / STEPS, power);
    }
  }

  /**
   * Returns the sum over values on a grid; infinity as soon as it reaches a bound.
   *
   * @param last the largest code
   */
  double sum(float[] values, float scale, float zero, int last, double bound) {
    double unit = Math.pow(scale, power);
    double most = bound / unit;
    double sum = 0;
    float per = 1 / scale;
    for (float value : values) {
      float steps = value * per;
      float inside = Math.max(-zero, Math.min(last - zero, steps));
      float error = Math.abs((inside + ROUND) - ROUND - steps);
      if (error <= .5f) {
        float at = error * (2 * STEPS);
        int entry = (int) at;
        float low = table[entry];
        sum += low + (at - entry) * (table[entry + 1] - low);
      } else {
        sum += Math.pow(error, power);
        if (sum >= most) {
          return Double.POSITIVE_INFINITY;
        }
      }
    }
    return sum * unit;
  }
}
