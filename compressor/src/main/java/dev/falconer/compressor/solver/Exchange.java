package dev.falconer.compressor.solver;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Exchanges single weights of an output, or inputs of a panel, while that lowers the error, with
 * the least-squares weights of each support in between ({@link OutputExchange}, {@link
 * PanelTableau}). Monotone; fp64, because float diverges on nearly singular layers. Worth its time
 * from 80 % zeros up and on badly conditioned layers: of 2:16 to 8:16 it left .43 to .88 of ALPS's
 * error on seven layers of trained rankers, .95 to .98 on a well conditioned one of 512 x 512. To
 * remove an output's weights one by one down to N:M instead took .3 to 36 times as long and was
 * never better; nor was exchange from there, by more than 3 %.
 *
 * @param candidates weights outside the support that are tried for each exchange, those of the
 *     largest gradient; four times as many for N:M, where each fits few positions
 * @param damping ridge relative to the mean of the gram's diagonal; at least 1e-3 where the problem
 *     is known to be short of calibration rows, which a smaller one overfits
 */
public record Exchange(int candidates, double damping) {
  private static final double CAUTIOUS = 1e-3;

  /** A gain that ends the exchange, relative to the mean energy of a weight. */
  private static final double LEAST = 1e-7;

  /** Checks the ranges. */
  public Exchange {
    if (candidates < 1 || !(damping >= 0)) {
      throw new IllegalArgumentException(
          "exchange of %d candidates, damping %s: at least 1, 0".formatted(candidates, damping));
    }
  }

  /** Returns the default: 16 candidates, damping 1e-5. */
  public static Exchange standard() {
    return new Exchange(16, 1e-5);
  }

  /**
   * Returns a solution that is at least as good; the same where outputs depend on each other:
   * transposable N:M and blocks.
   */
  public LayerSolution improve(LayerProblem problem, LayerSolution solution) {
    return switch (problem.pattern()) {
      case Pattern.NofM(int _, int group) -> solution.best(exchanged(problem, solution, group));
      case Pattern.Unstructured _ -> solution.best(exchanged(problem, solution, 0));
      case Pattern.Panel panel ->
          solution.best(new PanelSearch(damping).exchanged(problem, panel, solution));
      case Pattern.Transposable _, Pattern.Block _ -> solution;
    };
  }

  /** Exchanges within groups of inputs, 0 for anywhere. */
  private LayerSolution exchanged(LayerProblem problem, LayerSolution solution, int group) {
    var frame = new Frame(problem, problem.isShortOfRows() ? Math.max(damping, CAUTIOUS) : damping);
    int out = frame.out();
    int in = frame.in();
    double[] right;
    try (var _ = new PointerScope()) {
      right = Dense.array(frame.right());
    }
    double least = LEAST * total(frame.target(), right) / Math.max(1, right.length);
    double[] scaled = frame.scaled(solution.weight());
    float[] kept = solution.mask().toInOut();
    var row = new double[in];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        row[i] = right[i * out + o];
      }
      int[] support = solution.mask().keptOf(o);
      Optional<double[]> inverse = inverse(frame.gram(), in, support);
      if (support.length == 0 || inverse.isEmpty()) {
        continue;
      }
      var output =
          new OutputExchange(
              frame.gram(),
              row,
              inverse.get(),
              support,
              group,
              group > 0 ? 4 * candidates : candidates);
      int moves = output.run(least);
      double[] weights = moves > 0 ? fitted(frame.gram(), row, support) : output.weights();
      for (int i = 0; i < in; i++) {
        scaled[i * out + o] = 0;
        kept[i * out + o] = 0;
      }
      for (int p = 0; p < support.length; p++) {
        scaled[support[p] * out + o] = weights[p];
        kept[support[p] * out + o] = 1;
      }
    }
    return LayerSolution.of(
        problem, frame.weight(scaled), Mask.ofInOut(kept, out, in), solution.iterations());
  }

  private static double total(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }

  /** Returns H[s,s]^-1, row-major; empty when it is not positive definite. */
  private static Optional<double[]> inverse(double[] gram, int in, int[] support) {
    try (var _ = new PointerScope()) {
      return Dense.cholesky(part(gram, in, support))
          .map(factor -> Dense.array(torch.cholesky_inverse(factor)));
    }
  }

  private static double[] fitted(double[] gram, double[] right, int[] support) {
    try (var _ = new PointerScope()) {
      double[] part = Arrays.stream(support).mapToDouble(i -> right[i]).toArray();
      Tensor column = Dense.tensor(part, support.length, 1);
      Tensor factor = torch.linalg_cholesky(part(gram, right.length, support));
      return Dense.array(torch.cholesky_solve(column, factor, false));
    }
  }

  private static Tensor part(double[] gram, int in, int[] support) {
    int k = support.length;
    var part = new double[k * k];
    for (int p = 0; p < k; p++) {
      for (int r = 0; r < k; r++) {
        part[p * k + r] = gram[support[p] * in + support[r]];
      }
    }
    return Dense.tensor(part, k, k);
  }
}
