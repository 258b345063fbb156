package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;

/**
 * Removes weights column by column; after each column the columns to its right make up for what it
 * lost. Source: Frantar and Alistarh 2023 (arXiv 2301.00774), algorithm 1, with U upper, U'U = (H +
 * ridge I)^-1 and e = (w - v) / U_ii, so that W - V = E U and ||E||^2 = tr((W-V) (H + ridge I)
 * (W-V)') exactly.
 *
 * <p>U is found in one Cholesky factorisation: that of H with inputs in reverse order is J R J with
 * H = R R', R upper, so U = R^-1. Zeros without structure are chosen block by block over all
 * outputs, as published, but exactly as many as asked for.
 *
 * @param damping ridge relative to the mean of the gram's diagonal, above 0
 * @param block columns whose zeros are chosen together
 */
public record SparseGpt(double damping, int block) implements PruningSolver {
  /** Checks the ranges. */
  public SparseGpt {
    if (!(damping > 0) || block < 1) {
      throw new IllegalArgumentException(
          "sparsegpt of damping %s, block %d: both are above 0".formatted(damping, block));
    }
  }

  /** Returns the published parameters: damping .01, blocks of 128. */
  public static SparseGpt standard() {
    return new SparseGpt(.01, 128);
  }

  @Override
  public LayerSolution solve(LayerProblem problem) {
    try (var _ = new PointerScope()) {
      ColumnSweep sweep = sweep(problem);
      Matrix weight = sweep.weight();
      if (!problem.isSymmetric() || problem.energy() == 0) {
        return LayerSolution.of(problem, weight, sweep.mask());
      }
      double lost = sweep.loss() - sweep.ridge() * changed(problem, weight);
      return new LayerSolution(weight, sweep.mask(), lost / problem.energy(), 1);
    }
  }

  /** Returns ||W - V||^2 over the inputs that are not dead: what the ridge added to the loss. */
  private static double changed(LayerProblem problem, Matrix weight) {
    double total = 0;
    int in = weight.columns();
    double[] before = problem.weight().values();
    double[] after = weight.values();
    for (int i = 0; i < in; i++) {
      if (problem.isDead(i)) {
        continue;
      }
      for (int at = i; at < after.length; at += in) {
        total += (before[at] - after[at]) * (before[at] - after[at]);
      }
    }
    return total;
  }

  /** Runs the recursion; its tensors belong to the open scope. */
  ColumnSweep sweep(LayerProblem problem) {
    Factored factored = Factored.of(problem, damping);
    return new ColumnSweep(factored, problem.pattern(), block).run();
  }
}
