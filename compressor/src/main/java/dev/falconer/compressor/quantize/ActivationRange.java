package dev.falconer.compressor.quantize;

import dev.falconer.compressor.calibrate.Histogram;

/** How the range of an activation that its 256 levels span is chosen. */
public sealed interface ActivationRange {
  /**
   * Returns the grid of the values.
   *
   * @param values at least one
   */
  UInt8Grid grid(Histogram values);

  /**
   * The middle {@code share} of the values, the rest is clipped.
   *
   * @param share in (0, 1]: 1 for the whole range, .9999 is usual
   */
  record Percentile(double share) implements ActivationRange {
    /** Checks the share. */
    public Percentile {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("share " + share + " is not in (0, 1]");
      }
    }

    @Override
    public UInt8Grid grid(Histogram values) {
      double tail = (1 - share) / 2;
      return share == 1
          ? UInt8Grid.spanning(values.min(), values.max())
          : UInt8Grid.spanning(values.quantile(tail), values.quantile(1 - tail));
    }
  }

  /**
   * The range of least squared error over the calibration values, of {@value #STEPS} fractions of
   * the whole range: clipping a few large values buys a finer grid for all others.
   */
  record LeastSquares() implements ActivationRange {
    private static final int STEPS = 40;

    @Override
    public UInt8Grid grid(Histogram values) {
      UInt8Grid best = UInt8Grid.spanning(values.min(), values.max());
      double least = error(best, values);
      for (int step = 1; step < STEPS; step++) {
        double fraction = 1 - (double) step / STEPS;
        UInt8Grid grid = UInt8Grid.spanning(fraction * values.min(), fraction * values.max());
        double error = error(grid, values);
        if (error < least) {
          least = error;
          best = grid;
        }
      }
      return best;
    }

    /** Returns the expected sum of squared errors; inside a step values are taken as uniform. */
    private static double error(UInt8Grid grid, Histogram values) {
      var total = new double[1];
      double rounding = (double) grid.scale() * grid.scale() / 12;
      values.forEachBin((middle, count) -> {
        double clipped = Math.clamp(middle, grid.low(), grid.high()) - middle;
        total[0] += count * (clipped * clipped + rounding);
      });
      return total[0];
    }
  }
}
