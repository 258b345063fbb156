package dev.falconer.compressor.solver;

/**
 * How the penalty rho of a splitting grows. Every {@code update} iterations, with c the positions
 * that joined or left the support of k: c / k above .1 multiplies rho by {@code fast}, above .005
 * by {@code medium}, any by {@code slow}; none ends the splitting, as does c / k below 3e-4 from
 * iteration 30 on. Source: ALPS (arXiv 2406.07831), section 3.2, and its published code.
 *
 * @param rho first penalty, above 0
 * @param fast factor while much changes, at least 1
 * @param medium factor while some changes
 * @param slow factor while little changes
 * @param update iterations between changes
 * @param restarts whether, until one of the first two cases occurred once, little or no change
 *     means that rho was too large: it is divided by 5 and the splitting starts again, as published
 */
public record PenaltySchedule(
    double rho, double fast, double medium, double slow, int update, boolean restarts) {
  static final double MUCH = .1;
  static final double SOME = .005;

  /** From here on, few changes end the splitting. */
  static final int PATIENCE = 30;

  static final double FEW = 3e-4;
  static final double LARGEST = 1e6;

  /** Checks the ranges. */
  public PenaltySchedule {
    if (!(rho > 0) || !(slow >= 1 && medium >= slow && fast >= medium) || update < 1) {
      throw new IllegalArgumentException(
          "penalty of rho %s, factors %s, %s, %s every %d iterations: needs rho above 0, falling factors of at least 1"
              .formatted(rho, fast, medium, slow, update));
    }
  }

  /** Returns the default: from .03 on, never back. */
  public static PenaltySchedule standard() {
    return new PenaltySchedule(.03, 1.3, 1.2, 1.1, 3, false);
  }

  /** Returns the published one: from .1 on, with restarts. */
  public static PenaltySchedule published() {
    return new PenaltySchedule(.1, 1.3, 1.2, 1.1, 3, true);
  }

  /** Returns whether the splitting is over after a count of changes. */
  boolean isOver(int iteration, double changes, boolean isUnderWay) {
    return (changes == 0 && isUnderWay) || (iteration > PATIENCE && changes < FEW);
  }

  /** Returns the factor for changes above 0. */
  double factor(double changes) {
    return changes > MUCH ? fast : changes > SOME ? medium : slow;
  }
}
