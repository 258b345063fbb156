package dev.falconer.compressor.solver;

/**
 * A weight as a sparse matrix and one of few ranks, V = S + BA, computed as S x + B (A x) and never
 * merged.
 *
 * @param sparse S [out, in], zero where the mask drops
 * @param mask of S, of the problem's pattern
 * @param lowRank BA
 * @param relativeError of {@link LayerProblem#relativeError} of S + BA
 * @param iterations that the solver took
 */
public record Decomposition(
    Matrix sparse, Mask mask, LowRank lowRank, double relativeError, int iterations) {
  static Decomposition of(
      LayerProblem problem, Matrix sparse, Mask mask, LowRank lowRank, int iterations) {
    return new Decomposition(
        sparse, mask, lowRank, problem.relativeError(sparse.plus(lowRank.product())), iterations);
  }

  /** Returns V = S + BA [out, in]. */
  public Matrix merged() {
    return sparse.plus(lowRank.product());
  }

  /** Returns the numbers that S and BA hold: nnz(S) + r (out + in). */
  public long parameters() {
    return mask.count() + (long) lowRank.rank() * (sparse.rows() + sparse.columns());
  }

  /** Returns whichever has the lower error, this if equal. */
  Decomposition best(Decomposition other) {
    return other.relativeError < relativeError ? other : this;
  }
}
