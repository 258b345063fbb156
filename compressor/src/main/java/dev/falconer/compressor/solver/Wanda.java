package dev.falconer.compressor.solver;

/**
 * Keeps the largest |w| |x| of every group, |x| the norm of the weight's input over the calibration
 * rows. No other weight changes. Zeros without structure count per output, as published, unless the
 * pattern says otherwise; over the whole layer is usually better. Better than magnitude where
 * inputs differ in scale; on inputs alike it is the same up to chance. Source: Sun et al. 2023, "A
 * Simple and Effective Pruning Approach for Large Language Models" (arXiv 2306.11695), eq. 1.
 */
public record Wanda() implements PruningSolver {
  @Override
  public LayerSolution solve(LayerProblem problem) {
    return LayerSolution.masked(problem, mask(problem, Pattern.Scope.ROW));
  }

  /**
   * Returns the mask, zeros without structure counted over a scope where the pattern names none.
   */
  static Mask mask(LayerProblem problem, Pattern.Scope scope) {
    Matrix weight = problem.weight();
    int in = weight.columns();
    double[] norms = problem.gram().diagonal();
    for (int i = 0; i < in; i++) {
      norms[i] = Math.sqrt(Math.max(0, norms[i]));
    }
    double[] scores = weight.toArray();
    for (int i = 0; i < scores.length; i++) {
      scores[i] *= norms[i % in];
    }
    return Projection.mask(Matrix.over(weight.rows(), in, scores), problem.pattern(), scope);
  }
}
