package dev.falconer.compressor.solver;

/**
 * How many numbers sparse plus low rank may hold: nnz(S) + r (out + in) <= (1 - compression) out
 * in. Source: HASSLE-free (arXiv 2502.00899), section 4.
 *
 * @param compression fraction of the dense layer's numbers that is saved, above 0 to below 1
 */
public record ParameterBudget(double compression) {
  /** Checks the range. */
  public ParameterBudget {
    if (!(compression > 0 && compression < 1)) {
      throw new IllegalArgumentException(
          "compression "
              + compression
              + ": above 0 to below 1 of the layer's numbers can be saved");
    }
  }

  /**
   * Returns the largest rank that the budget leaves beside a pattern.
   *
   * @throws IllegalArgumentException when the pattern alone is over the budget
   */
  public int rankBeside(Pattern pattern, int out, int in) {
    double density = density(pattern);
    double share = (1 - compression) - density;
    if (share < -ROUNDING) {
      throw new IllegalArgumentException(
          "pattern %s alone holds %s of the layer's numbers, the budget is %s; save less or keep less"
              .formatted(pattern, density, 1 - compression));
    }
    return rank(share, out, in);
  }

  /** Returns the rank that a share of the budget, 0 to 1, pays. */
  public int rankOf(double share, int out, int in) {
    checkShare(share);
    return rank(share * (1 - compression), out, in);
  }

  /** Returns the zeros without structure that the rest of the budget pays. */
  public Pattern.Unstructured zerosBeside(double share) {
    checkShare(share);
    return new Pattern.Unstructured(1 - (1 - share) * (1 - compression), Pattern.Scope.LAYER);
  }

  private static double density(Pattern pattern) {
    return switch (pattern) {
      case Pattern.NofM(int kept, int group) -> (double) kept / group;
      case Pattern.Transposable(int kept, int group) -> (double) kept / group;
      case Pattern.Unstructured(double sparsity, Pattern.Scope _) -> 1 - sparsity;
      case Pattern.Panel(int _, int _, double density) -> density;
      case Pattern.Block(int _, int _, double density) -> density;
    };
  }

  /** Of fractions that are exact in decimals only. */
  private static final double ROUNDING = 1e-9;

  private static int rank(double fraction, int out, int in) {
    return (int)
        Math.min(
            Math.min(out, in), Math.floor(fraction * out * in / ((double) out + in) + ROUNDING));
  }

  private static void checkShare(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("a share " + share + " of the budget: 0 to 1");
    }
  }
}
