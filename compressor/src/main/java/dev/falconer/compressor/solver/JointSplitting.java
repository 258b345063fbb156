package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sparse plus low rank in one splitting, whose every iteration refits the low-rank part; then a few
 * turns of conjugate gradients on the support and refits. As good as some forty turns of {@link
 * Alternation} around ALPS. Source: 3BASiL (2025), the three-block ADMM, with a step of {@link
 * Subspace} in place of its randomised singular value decomposition.
 *
 * @param damping ridge relative to the mean of the gram's diagonal; at least .01 where the problem
 *     is known to be short of calibration rows
 * @param schedule of the penalty, without restarts
 * @param patience iterations before few changes end the splitting
 * @param iterations of the splitting, at most
 * @param refits turns at the end
 */
public record JointSplitting(
    double damping, PenaltySchedule schedule, int patience, int iterations, int refits)
    implements Decomposer {
  /** What few calibration rows need. */
  private static final double CAUTIOUS = .01;

  /** Steps of conjugate gradients between two refits. */
  private static final int STEPS = 2;

  /** Checks the ranges. */
  public JointSplitting {
    if (!(damping >= 0) || patience < 0 || iterations < 1 || refits < 0 || schedule.restarts()) {
      throw new IllegalArgumentException(
          "splitting of damping %s, patience %d, %d iterations, %d refits: at least 0, 0, 1, 0, and no restarts"
              .formatted(damping, patience, iterations, refits));
    }
  }

  /** Returns the default. */
  public static JointSplitting fast() {
    return new JointSplitting(
        1e-3, new PenaltySchedule(.03, 1.1, 1.05, 1.02, 3, false), 30, 600, 20);
  }

  /** Returns one that changes the penalty three times less often: .87 of the error, longer. */
  public static JointSplitting thorough() {
    return new JointSplitting(
        1e-3, new PenaltySchedule(.03, 1.1, 1.05, 1.02, 10, false), 100, 2000, 10);
  }

  /** Returns the same with another damping. */
  public JointSplitting withDamping(double other) {
    return new JointSplitting(other, schedule, patience, iterations, refits);
  }

  @Override
  public Decomposition solve(LayerProblem problem, int rank) {
    LowRank.checkRank(rank, problem.weight().rows(), problem.weight().columns());
    double added = problem.isShortOfRows() ? Math.max(damping, CAUTIOUS) : damping;
    if (rank == 0) {
      return new Alternation(Alps.standard().withDamping(added), 1, added).solve(problem, 0);
    }
    var frame = new Frame(problem, added);
    double unit = Floats.unit(frame.target());
    Matrix sparse;
    Mask mask;
    int done;
    try (var _ = new PointerScope()) {
      Tensor gram = frame.gramTensor().to(ScalarType.Float);
      var blocks =
          new ThreeBlocks(
              gram,
              Floats.scaled(frame.target(), unit),
              Floats.scaled(Dense.array(frame.right()), unit),
              Projection.of(problem.pattern(), frame.out(), frame.in()),
              this,
              rank);
      blocks.run();
      done = blocks.iterations();
      sparse = frame.weight(Floats.unscaled(blocks.refitted(refits, STEPS), unit));
      mask = Mask.ofInOut(blocks.kept(), frame.out(), frame.in());
    }
    Matrix target = Alternation.alive(problem, problem.target(frame.ridge()));
    LowRank lowRank =
        LowRank.nearest(
            target.minus(sparse), Alternation.ridged(problem.gram(), frame.ridge()), rank);
    return Decomposition.of(problem, sparse, mask, lowRank, done);
  }
}
