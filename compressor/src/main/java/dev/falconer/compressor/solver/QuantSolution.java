package dev.falconer.compressor.solver;

/**
 * A quantised weight: {@code grid.code(r, c, weight.at(r, c))} are its codes.
 *
 * @param weight V [out, in], on the grid
 * @param mask of the weights that the problem's pattern keeps; a kept weight may be zero
 * @param grid of the values
 * @param relativeError of {@link LayerProblem#relativeError}
 * @param iterations that the solver took; 1 for a solver of one pass
 */
public record QuantSolution(
    Matrix weight, Mask mask, Grid grid, double relativeError, int iterations) {
  /** Returns the solution of a weight, with its error. */
  static QuantSolution of(
      LayerProblem problem, Matrix weight, Mask mask, Grid grid, int iterations) {
    return new QuantSolution(weight, mask, grid, problem.relativeError(weight), iterations);
  }

  /** Returns whichever has the lower error, this if equal. */
  QuantSolution best(QuantSolution other) {
    return other.relativeError < relativeError ? other : this;
  }
}
