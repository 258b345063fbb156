package dev.falconer.compressor.solver;

/**
 * One linear map y = W x to make sparse.
 *
 * @param weight W [out, in]
 * @param gram H = X'X [in, in] over calibration inputs X [n, in]; symmetric, diagonal >= 0
 * @param pattern of the zeros
 */
public record LayerProblem(Matrix weight, Matrix gram, Pattern pattern) {
  /** Relative asymmetry that rounding explains. */
  private static final double ASYMMETRY = 1e-6;

  /** Checks shapes, finiteness and symmetry. */
  public LayerProblem {
    if (gram.rows() != weight.columns() || gram.columns() != weight.columns()) {
      throw new IllegalArgumentException(
          "weight [%d, %d] needs a gram [%d, %d], got [%d, %d]"
              .formatted(
                  weight.rows(),
                  weight.columns(),
                  weight.columns(),
                  weight.columns(),
                  gram.rows(),
                  gram.columns()));
    }
    if (!weight.isFinite()) {
      throw new IllegalArgumentException("the weight holds NaN or infinity");
    }
    if (!gram.isFinite()) {
      throw new IllegalArgumentException("the gram holds NaN or infinity");
    }
    double scale = 0;
    for (double value : gram.diagonal()) {
      if (value < 0) {
        throw new IllegalArgumentException("the gram's diagonal holds " + value + ", below 0");
      }
      scale = Math.max(scale, value);
    }
    for (int i = 0; i < gram.rows(); i++) {
      for (int j = 0; j < i; j++) {
        if (Math.abs(gram.at(i, j) - gram.at(j, i)) > ASYMMETRY * scale) {
          throw new IllegalArgumentException(
              "the gram is not symmetric: [%d, %d] is %s, [%d, %d] is %s"
                  .formatted(i, j, gram.at(i, j), j, i, gram.at(j, i)));
        }
      }
    }
  }

  /**
   * Returns tr((W-V) H (W-V)') / tr(W H W') of another weight V [out, in]: the share of the
   * output's energy that the change costs on the calibration inputs. 0 when both are 0.
   */
  public double relativeError(Matrix other) {
    double lost = weight.minus(other).quadratic(gram);
    double energy = weight.quadratic(gram);
    return lost == 0 ? 0 : lost / energy;
  }
}
