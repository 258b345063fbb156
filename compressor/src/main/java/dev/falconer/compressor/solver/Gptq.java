package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/**
 * Rounds weights input by input; after each the later inputs make up for what it lost. Source:
 * Frantar et al. 2022, GPTQ (arXiv 2210.17323), algorithm 1, with the factor of {@link SparseGpt};
 * with sweeps it is followed by {@link Descent}, which never makes it worse (Behdin et al. 2023,
 * arXiv 2309.01885, section 3.3).
 *
 * <p>Sparse layers: inputs are pruned and the weights that stay are rounded in one step of the
 * recursion (arXiv 2301.00774, section 3.5). Given a sparse solution, or in descending order, the
 * mask is known beforehand and only rounding is left to the step; what is rounded then is the
 * sparse solution: it is the least on its mask, so that any other weights on the mask cost what it
 * costs and their distance from it.
 *
 * <p>Groups of inputs get their grid when the recursion reaches them, from weights that have
 * already made up for earlier ones; in descending order a group is not reached at once, so that its
 * grid comes from the weights as they are.
 *
 * @param damping ridge relative to the mean of the gram's diagonal, above 0
 * @param block inputs between two payments to all later inputs
 * @param order of the inputs
 * @param sweeps of coordinate descent afterwards, at most
 */
public record Gptq(double damping, int block, Order order, int sweeps) implements QuantSolver {
  /** Steps of conjugate gradients that fit a mask chosen beforehand. */
  private static final int REFINEMENTS = 10;

  /** Order of the inputs. */
  public enum Order {
    /** As they lie. */
    NATURAL,
    /** Those of largest norm first, while there is most left to make up for them ("act-order"). */
    DESCENDING
  }

  /** Checks the ranges. */
  public Gptq {
    if (!(damping > 0) || block < 1 || sweeps < 0) {
      throw new IllegalArgumentException(
          "gptq of damping %s, block %d, %d sweeps: the first two are above 0, the last at least 0"
              .formatted(damping, block, sweeps));
    }
  }

  /** Returns the published parameters: damping .01, blocks of 128, inputs as they lie. */
  public static Gptq published() {
    return new Gptq(.01, 128, Order.NATURAL, 0);
  }

  /**
   * Returns damping 1e-3 and five sweeps afterwards, which had the lowest error on real layers of
   * at least 2 in rows.
   */
  public static Gptq withDescent() {
    return new Gptq(1e-3, 128, Order.NATURAL, 5);
  }

  /** Returns GPTQ as published and two sweeps, as QuantEase's code has it. */
  public static Gptq publishedWithDescent() {
    return new Gptq(.01, 128, Order.NATURAL, 2);
  }

  /** Returns the solver with another damping. */
  public Gptq withDamping(double other) {
    return new Gptq(other, block, order, sweeps);
  }

  /** Returns the solver with another order of inputs. */
  public Gptq withOrder(Order other) {
    return new Gptq(damping, block, other, sweeps);
  }

  @Override
  public QuantSolution solve(LayerProblem problem, GridFit fit, Optional<LayerSolution> sparse) {
    Optional<LayerSolution> masked =
        sparse.isEmpty() && order == Order.DESCENDING && !isDense(problem.pattern())
            ? Optional.of(fitted(problem))
            : sparse;
    QuantSolution swept;
    try (var _ = new PointerScope()) {
      swept = new QuantSweep(problem, this, fit, masked).run();
    }
    return sweeps == 0 ? swept : swept.best(new Descent(sweeps, 0).from(problem, swept));
  }

  /** Returns SparseGPT's zeros with the weights that stay fitted to them. */
  private LayerSolution fitted(LayerProblem problem) {
    return new MaskedPcg(damping, REFINEMENTS, 0)
        .solve(problem, SparseGpt.standard().solve(problem).mask());
  }

  static boolean isDense(Pattern pattern) {
    return pattern instanceof Pattern.Unstructured(double sparsity, Pattern.Scope _)
        && sparsity == 0;
  }
}
