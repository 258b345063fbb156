package dev.falconer.compressor.solver;

import java.util.Optional;

/**
 * Cyclic coordinate descent over inputs from the weights as they are, every third sweep without
 * rounding to leave local optima. Not always better than {@link Gptq}; with coordinate descent that
 * is always at least as good. Source: Behdin et al. 2023 (arXiv 2309.01885), algorithm 2, and its
 * code for the sweeps without rounding.
 *
 * @param sweeps at most, at least 1
 */
public record QuantEase(int sweeps) implements QuantSolver {
  /** Of the start where the dense network's inputs differ, relative to the gram's mean diagonal. */
  private static final double RIDGE = 1e-3;

  /** Checks the range. */
  public QuantEase {
    if (sweeps < 1) {
      throw new IllegalArgumentException("quantease of " + sweeps + " sweeps: at least 1");
    }
  }

  /** Returns the published 30 sweeps. */
  public static QuantEase published() {
    return new QuantEase(30);
  }

  @Override
  public QuantSolution solve(LayerProblem problem, GridFit fit, Optional<LayerSolution> sparse) {
    if (sparse.isEmpty() && Gptq.isDense(problem.pattern())) {
      Matrix start = problem.target(RIDGE * problem.meanDiagonal());
      return descent(problem, fit, start, Mask.full(start.rows(), start.columns()));
    }
    LayerSolution kept = sparse.orElseGet(() -> SparseGpt.standard().solve(problem));
    return descent(problem, fit, kept.weight(), kept.mask());
  }

  private QuantSolution descent(LayerProblem problem, GridFit fit, Matrix start, Mask mask) {
    return new Descent(sweeps, Descent.RELAXED_SWEEPS).from(problem, start, mask, fit.grid(start));
  }
}
