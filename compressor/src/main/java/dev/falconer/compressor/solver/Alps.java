package dev.falconer.compressor.solver;

import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Chooses zeros and weights together by ADMM ({@link Splitting}); the final B ranks the weights,
 * the highest of the pattern stay, and conjugate gradients fit them ({@link SupportFit}). Source:
 * Meng et al. 2024, ALPS (arXiv 2406.07831), algorithms 1 and 2.
 *
 * <p>Where Wanda's mask over the layer, fitted so, comes near, and on small layers, the result is
 * never worse than what {@link Magnitude}, {@link Wanda} and {@link SparseGpt} find under as many
 * zeros, fitted so: where the gram is diagonal the splitting alone is up to 1 % worse. In panels of
 * few inputs it is followed by exchange, and they are also found by removal ({@link PanelSearch});
 * the best stays.
 *
 * <p>The defaults are not the published ones: a smaller damping, a smaller first penalty and no way
 * back to a smaller one give .83 to .95 of the published error on real layers.
 *
 * @param damping ridge relative to the mean of the gram's diagonal; at least .01 where the problem
 *     is known to be short of calibration rows, which a smaller one overfits
 * @param schedule of the penalty
 * @param iterations of the splitting, at most
 * @param refinements steps of conjugate gradients
 * @param polish exchange of single weights at the end
 */
public record Alps(
    double damping,
    PenaltySchedule schedule,
    int iterations,
    int refinements,
    Optional<Exchange> polish)
    implements PruningSolver {
  /** The published damping, and what few calibration rows need. */
  private static final double CAUTIOUS = .01;

  /** Steps after which Wanda's fitted mask is given up unless its objective is in reach. */
  private static final int TRIAL = 3;

  private static final double REACH = 1.5;

  /** Where it ends so near the other solvers, which together take as long, are tried too. */
  private static final double CLOSE = 1.1;

  /** Up to so many weights the other solvers are tried in any case: they cost little. */
  private static final int FEW_WEIGHTS = 1 << 16;

  /** Up to here panels are searched further, which takes a few times the splitting's time. */
  private static final int FEW_INPUTS = 1024;

  private static final double PANEL_DAMPING = 1e-5;

  /** Checks the ranges. */
  public Alps {
    if (!(damping >= 0) || iterations < 1 || refinements < 0) {
      throw new IllegalArgumentException(
          "alps of damping %s, %d iterations, %d refinements: at least 0, 1, 0"
              .formatted(damping, iterations, refinements));
    }
  }

  /** Returns the default. */
  public static Alps standard() {
    return new Alps(1e-3, PenaltySchedule.standard(), 300, 10, Optional.empty());
  }

  /** Returns the published parameters. */
  public static Alps published() {
    return new Alps(CAUTIOUS, PenaltySchedule.published(), 300, 10, Optional.empty());
  }

  /** Returns the same with another damping. */
  public Alps withDamping(double other) {
    return new Alps(other, schedule, iterations, refinements, polish);
  }

  /** Returns the same, followed by an exchange. */
  public Alps withPolish(Exchange exchange) {
    return new Alps(damping, schedule, iterations, refinements, Optional.of(exchange));
  }

  @Override
  public LayerSolution solve(LayerProblem problem) {
    var frame = new Frame(problem, problem.isShortOfRows() ? Math.max(damping, CAUTIOUS) : damping);
    LayerSolution fitted = fitted(problem, frame);
    if (problem.pattern() instanceof Pattern.Panel panel && frame.in() <= FEW_INPUTS) {
      var search = new PanelSearch(PANEL_DAMPING);
      fitted = fitted.best(search.exchanged(problem, panel, fitted));
      fitted = search.removed(problem, panel).map(fitted::best).orElse(fitted);
    }
    return polish.isPresent() ? polish.get().improve(problem, fitted) : fitted;
  }

  private LayerSolution fitted(LayerProblem problem, Frame frame) {
    Projection projection = Projection.of(problem.pattern(), frame.out(), frame.in());
    double unit = Floats.unit(frame.target());
    float[] target = Floats.scaled(frame.target(), unit);
    try (var _ = new PointerScope()) {
      Tensor gram = frame.gramTensor().to(ScalarType.Float);
      float[] right = Floats.scaled(Dense.array(frame.right()), unit);
      Splitting splitting = new Splitting(gram, target, right, projection, schedule);
      splitting.run(iterations);
      SupportFit fit =
          new SupportFit(gram, target, splitting.dense(), splitting.kept()).step(refinements);
      LayerSolution solution =
          solution(problem, frame, fit, splitting.kept(), unit, splitting.iterations());

      var kept = new float[target.length];
      projection.project(target, kept);
      SupportFit guard =
          new SupportFit(gram, target, target, kept).step(Math.min(TRIAL, refinements));
      if (guard.objective() < REACH * fit.objective()) {
        guard.step(refinements - Math.min(TRIAL, refinements));
        solution =
            solution.best(solution(problem, frame, guard, kept, unit, splitting.iterations()));
      }
      if (guard.objective() > CLOSE * fit.objective() && target.length > FEW_WEIGHTS) {
        return solution;
      }
      for (PruningSolver other : List.of(new Magnitude(), new Wanda(), SparseGpt.standard())) {
        LayerSolution found = other.solve(problem);
        if (found.mask().count() == solution.mask().count()) {
          float[] start = Floats.scaled(frame.scaled(found.weight()), unit);
          kept = found.mask().toInOut();
          fit = new SupportFit(gram, target, start, kept).step(refinements);
          solution =
              solution
                  .best(solution(problem, frame, fit, kept, unit, splitting.iterations()))
                  .best(found);
        }
      }
      return solution;
    }
  }

  private static LayerSolution solution(
      LayerProblem problem, Frame frame, SupportFit fit, float[] kept, double unit, int done) {
    return LayerSolution.of(
        problem,
        frame.weight(Floats.unscaled(fit.weight(), unit)),
        Mask.ofInOut(kept, frame.out(), frame.in()),
        done);
  }
}
