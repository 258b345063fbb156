package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A layer's problem and the factor that its recursion over inputs needs.
 *
 * @param frame damped
 * @param upper U [in, in], upper, U'U = Hn^-1; belongs to the scope that was open
 */
record Factored(Frame frame, Tensor upper) {
  /** Damping grows tenfold when a factorisation fails, at most so often. */
  private static final int RETRIES = 4;

  /** Factors a problem; damping is relative to the mean of the gram's diagonal. */
  static Factored of(LayerProblem problem, double damping) {
    double added = damping;
    for (int attempt = 0; ; attempt++) {
      var frame = new Frame(problem, added);
      Optional<Tensor> factor = frame.reversedFactor();
      if (factor.isPresent()) {
        return new Factored(frame, inverse(factor.get()));
      }
      if (attempt == RETRIES) {
        throw new IllegalArgumentException(
            "the gram is no X'X: damped by %s of its mean diagonal it has eigenvalues below 0"
                .formatted(added));
      }
      added *= 10;
    }
  }

  /** Returns U = J L^-1 J of the factor L of the reversed gram. */
  private static Tensor inverse(Tensor factor) {
    Tensor identity = torch.eye(factor.size(0), factor.options());
    return torch.linalg_solve_triangular(factor, identity, false).flip(0, 1);
  }
}
