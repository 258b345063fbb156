package dev.falconer.compressor.solver;

/**
 * Keeps the largest |w| |x| of every group, |x| the norm of the weight's input over the calibration
 * rows. No other weight changes. Better than magnitude where inputs differ in scale; on inputs
 * alike it is the same up to chance. Source: Sun et al. 2023, "A Simple and Effective Pruning
 * Approach for Large Language Models", eq. 1.
 */
public record Wanda() implements PruningSolver {
  @Override
  public LayerSolution solve(LayerProblem problem) {
    Matrix weight = problem.weight();
    double[] energy = problem.gram().diagonal();
    double[] scores = weight.toArray();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(scores[i]) * Math.sqrt(energy[i % weight.columns()]);
    }
    return LayerSolution.masked(
        problem,
        Mask.keepingHighest(
            Matrix.over(weight.rows(), weight.columns(), scores), weight, problem.pattern()));
  }
}
