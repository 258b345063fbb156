package dev.falconer.compressor.solver;

/**
 * How a grid is laid through weights.
 *
 * @param bits of a code, 2 to 8
 * @param group consecutive inputs that share a scale; 0 for one scale an output
 * @param symmetry of the codes around 0
 * @param search for the range that the codes span
 */
public record GridFit(int bits, int group, Symmetry symmetry, Search search) {
  /** Where 0 lies among the codes. */
  public enum Symmetry {
    /** Wherever the weights' range puts it. */
    ASYMMETRIC,
    /** In the middle: the code 2^(bits - 1), for kernels without zero points. */
    SYMMETRIC
  }

  /** Which range the codes span. */
  public enum Search {
    /** The weights' least and largest, and 0. */
    MINMAX,
    /**
     * That range shrunk by 0 to 79 % in steps of 1 %, whichever has the least sum of |error|^2.4:
     * rare large weights are clipped where it makes the others finer. Source: the code of GPTQ
     * (arXiv 2210.17323).
     */
    MSE
  }

  /** Power of the errors that {@link Search#MSE} sums. */
  private static final double POWER = 2.4;

  /** Shrunk ranges tried. */
  private static final int SHRINKS = 80;

  private static final double STEP = .01;

  /** Checks the ranges. */
  public GridFit {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("a grid of " + bits + " bits: 2 to 8 are possible");
    }
    if (group < 0) {
      throw new IllegalArgumentException(
          "a grid with " + group + " inputs a scale: at least 1, or 0 for one scale an output");
    }
  }

  /** Returns one scale an output, asymmetric, over the whole range. */
  public static GridFit perOutput(int bits) {
    return new GridFit(bits, 0, Symmetry.ASYMMETRIC, Search.MINMAX);
  }

  /** Returns the fit with another search. */
  public GridFit withSearch(Search other) {
    return new GridFit(bits, group, symmetry, other);
  }

  /** Returns the fit with another number of inputs a scale. */
  public GridFit withGroup(int other) {
    return new GridFit(bits, other, symmetry, search);
  }

  /** Returns the number of consecutive inputs that share a scale of a layer's {@code in}. */
  int groupOf(int in) {
    return group == 0 ? Math.max(1, in) : group;
  }

  /**
   * Returns the grid of weights [out, in].
   *
   * @throws IllegalArgumentException when the group does not divide the inputs
   */
  public Grid grid(Matrix weight) {
    int out = weight.rows();
    int in = weight.columns();
    int width = groupOf(in);
    if (in % width != 0) {
      throw new IllegalArgumentException(
          "a group of %d inputs a scale does not divide %d inputs; choose one that does, or 0"
              .formatted(width, in));
    }
    int groups = Math.ceilDiv(in, width);
    var scales = new float[groups * out];
    var zeros = new float[groups * out];
    var line = new float[width];
    var powers = new ErrorPowers(POWER);
    for (int g = 0; g < groups; g++) {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < width; i++) {
          line[i] = (float) weight.at(o, g * width + i);
        }
        fit(line, powers, scales, zeros, g * out + o);
      }
    }
    return new Grid(bits, out, in, width, scales, zeros);
  }

  /** Fits one output's group and puts its scale and zero at an index. */
  private void fit(float[] line, ErrorPowers powers, float[] scales, float[] zeros, int at) {
    float least = 0;
    float largest = 0;
    for (float value : line) {
      least = Math.min(least, value);
      largest = Math.max(largest, value);
    }
    if (symmetry == Symmetry.SYMMETRIC) {
      largest = Math.max(-least, largest);
      least = -largest;
    }
    if (least == 0 && largest == 0) {
      least = -1;
      largest = 1;
    }
    int last = (1 << bits) - 1;
    double best = Double.POSITIVE_INFINITY;
    for (int shrink = 0; shrink < (search == Search.MSE ? SHRINKS : 1); shrink++) {
      double share = 1 - shrink * STEP;
      float scale = (float) (share * ((double) largest - least) / last);
      scale = Math.max(scale, Float.MIN_NORMAL);
      float zero =
          symmetry == Symmetry.SYMMETRIC
              ? 1 << (bits - 1)
              : (float) Math.rint(-share * least / scale);
      double error =
          search == Search.MSE ? powers.sum(line, scale, zero, last, best) : Double.MIN_VALUE;
      if (error < best) {
        best = error;
        scales[at] = scale;
        zeros[at] = zero;
      }
    }
  }
}
