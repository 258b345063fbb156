package dev.falconer.compressor.solver;

/** Keeps the largest |w| of every group; ignores the inputs. No other weight changes. */
public record Magnitude() implements PruningSolver {
  @Override
  public LayerSolution solve(LayerProblem problem) {
    return LayerSolution.masked(
        problem, Projection.mask(problem.weight(), problem.pattern(), Pattern.Scope.LAYER));
  }
}
