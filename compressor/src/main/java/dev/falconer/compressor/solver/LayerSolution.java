package dev.falconer.compressor.solver;

/**
 * A sparse weight.
 *
 * @param weight V [out, in], zero where the mask drops
 * @param mask of the weights kept; a kept weight may be zero by chance
 * @param relativeError of {@link LayerProblem#relativeError}
 * @param iterations that the solver took; 1 for a solver of one pass
 */
public record LayerSolution(Matrix weight, Mask mask, double relativeError, int iterations) {
  /** Of errors: a weight that is found twice must not depend on the order of the outputs. */
  private static final double ROUNDING = 1e-6;

  /** Returns the solution of a weight under a mask, with its error; one pass. */
  static LayerSolution of(LayerProblem problem, Matrix weight, Mask mask) {
    return of(problem, weight, mask, 1);
  }

  /** Returns the solution of a weight under a mask, with its error. */
  static LayerSolution of(LayerProblem problem, Matrix weight, Mask mask, int iterations) {
    return new LayerSolution(weight, mask, problem.relativeError(weight), iterations);
  }

  /** Returns the problem's weight under the mask, unchanged where kept, 0 at dead inputs. */
  static LayerSolution masked(LayerProblem problem, Mask mask) {
    Matrix masked = mask.applied(problem.weight());
    double[] values = masked.toArray();
    boolean anyDead = false;
    int in = masked.columns();
    for (int j = 0; j < in; j++) {
      if (problem.isDead(j)) {
        anyDead = true;
        for (int o = 0; o < masked.rows(); o++) {
          values[o * in + j] = 0;
        }
      }
    }
    return of(problem, anyDead ? Matrix.over(masked.rows(), in, values) : masked, mask);
  }

  /** Returns whichever has the lower error, this if they are equal but for rounding. */
  LayerSolution best(LayerSolution other) {
    return other.relativeError < (1 - ROUNDING) * relativeError ? other : this;
  }
}
