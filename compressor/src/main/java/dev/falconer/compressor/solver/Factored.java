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

  /** Side of the triangles that are not halved further. */
  private static final int LEAF = 64;

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
    Tensor inverse = torch.zeros_like(factor);
    invert(factor, inverse);
    return inverse.flip(0, 1);
  }

  /**
   * Inverts a lower triangle by halves, mostly in products: (A 0; B C)^-1 = (A^-1 0; -C^-1 B A^-1
   * C^-1). Solving for the whole identity takes three times the operations.
   *
   * @param to zeros of the same shape
   */
  private static void invert(Tensor lower, Tensor to) {
    long size = lower.size(0);
    if (size <= LEAF) {
      Tensor identity = torch.eye(size, lower.options());
      to.copy_(torch.linalg_solve_triangular(lower, identity, false));
      return;
    }
    long half = size / 2;
    long rest = size - half;
    Tensor first = part(to, 0, 0, half, half);
    Tensor last = part(to, half, half, rest, rest);
    invert(part(lower, 0, 0, half, half), first);
    invert(part(lower, half, half, rest, rest), last);
    Tensor below = last.mm(part(lower, half, 0, rest, half)).mm(first);
    part(to, half, 0, rest, half).copy_(below.neg());
  }

  private static Tensor part(Tensor matrix, long row, long column, long rows, long columns) {
    return matrix.narrow(0, row, rows).narrow(1, column, columns);
  }
}
