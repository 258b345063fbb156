package dev.falconer.compressor.solver;

/**
 * Sparse plus low rank by turns: a pruning solver on what the low-rank part leaves, then the best
 * low-rank part of what the sparse one leaves. Around ALPS no turn is worse than the one before;
 * around SparseGPT some are, so that the best of all is returned. Source: Makni et al. 2025,
 * HASSLE-free (arXiv 2502.00899), algorithm 1, with the low-rank step in closed form in place of
 * fifty steps of Adam.
 *
 * @param pruning of the sparse part
 * @param rounds turns, at least 1
 * @param damping ridge of the low-rank step relative to the mean of the gram's diagonal
 */
public record Alternation(PruningSolver pruning, int rounds, double damping) implements Decomposer {
  private static final int PUBLISHED_ROUNDS = 80;
  private static final double PUBLISHED_DAMPING = .01;

  /** Checks the ranges. */
  public Alternation {
    if (rounds < 1 || !(damping >= 0)) {
      throw new IllegalArgumentException(
          "alternation of %d rounds, damping %s: at least 1 and 0".formatted(rounds, damping));
    }
  }

  /** Returns the published 80 turns around SparseGPT. */
  public static Alternation aroundSparseGpt() {
    return new Alternation(SparseGpt.standard(), PUBLISHED_ROUNDS, PUBLISHED_DAMPING);
  }

  /** Returns the published 80 turns around ALPS with its published parameters. */
  public static Alternation aroundAlps() {
    return new Alternation(Alps.published(), PUBLISHED_ROUNDS, PUBLISHED_DAMPING);
  }

  @Override
  public Decomposition solve(LayerProblem problem, int rank) {
    LowRank.checkRank(rank, problem.weight().rows(), problem.weight().columns());
    LayerSolution sparse = pruning.solve(problem);
    if (rank == 0) {
      return of(problem, sparse, LowRank.nearest(sparse.weight(), problem.gram(), 0), 1);
    }
    double ridge = damping * problem.meanDiagonal();
    Matrix target = alive(problem, problem.target(ridge));
    Matrix gram = ridged(problem.gram(), ridge);
    LowRank lowRank = LowRank.nearest(target.minus(sparse.weight()), gram, rank);
    Decomposition best = of(problem, sparse, lowRank, 1);
    for (int round = 1; round < rounds; round++) {
      sparse = pruning.solve(problem.withWeight(target.minus(lowRank.product())));
      lowRank = LowRank.nearest(target.minus(sparse.weight()), gram, rank);
      best = best.best(of(problem, sparse, lowRank, round + 1));
    }
    return best;
  }

  private static Decomposition of(
      LayerProblem problem, LayerSolution sparse, LowRank lowRank, int round) {
    return Decomposition.of(problem, sparse.weight(), sparse.mask(), lowRank, round);
  }

  static Matrix ridged(Matrix gram, double ridge) {
    double[] values = gram.toArray();
    for (int i = 0; i < gram.rows(); i++) {
      values[i * gram.rows() + i] += ridge;
    }
    return Matrix.over(gram.rows(), gram.rows(), values);
  }

  /** Returns a weight with zeros at dead inputs. */
  static Matrix alive(LayerProblem problem, Matrix weight) {
    double[] values = weight.toArray();
    int in = weight.columns();
    for (int i = 0; i < in; i++) {
      if (problem.isDead(i)) {
        for (int at = i; at < values.length; at += in) {
          values[at] = 0;
        }
      }
    }
    return Matrix.over(weight.rows(), in, values);
  }
}
