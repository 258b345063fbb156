package dev.falconer.compressor.solver;

/**
 * A sparse weight.
 *
 * @param weight V [out, in], zero where the mask drops
 * @param mask of the weights kept; a kept weight may be zero by chance
 * @param relativeError of {@link LayerProblem#relativeError}
 */
public record LayerSolution(Matrix weight, Mask mask, double relativeError) {
  /** Returns the problem's weight under the mask, unchanged where kept. */
  static LayerSolution masked(LayerProblem problem, Mask mask) {
    Matrix weight = mask.applied(problem.weight());
    return new LayerSolution(weight, mask, problem.relativeError(weight));
  }
}
