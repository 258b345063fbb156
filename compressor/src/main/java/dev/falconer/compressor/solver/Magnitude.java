package dev.falconer.compressor.solver;

/** Keeps the largest |w| of every group; ignores the inputs. No other weight changes. */
public record Magnitude() implements PruningSolver {
  @Override
  public LayerSolution solve(LayerProblem problem) {
    Matrix weight = problem.weight();
    double[] scores = weight.toArray();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(scores[i]);
    }
    return LayerSolution.masked(
        problem,
        Mask.keepingHighest(
            Matrix.over(weight.rows(), weight.columns(), scores), weight, problem.pattern()));
  }
}
