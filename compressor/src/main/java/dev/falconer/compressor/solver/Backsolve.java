package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The exact least-squares weights on a mask: output by output V[o,s] = H[s,s]^-1 G[s,o]. O(out k^3)
 * for k weights kept in an output: for small layers, and the yardstick of {@link MaskedPcg}.
 *
 * @param damping ridge towards the weight, relative to the mean of the gram's diagonal
 */
public record Backsolve(double damping) {
  /** Checks the range. */
  public Backsolve {
    if (!(damping >= 0)) {
      throw new IllegalArgumentException("damping " + damping + ": at least 0");
    }
  }

  /** Returns the weights, with the mask as it is. */
  public LayerSolution solve(LayerProblem problem, Mask mask) {
    double ridge = damping * problem.meanDiagonal();
    Matrix target = problem.target(ridge);
    int out = target.rows();
    int in = target.columns();
    var values = new double[out * in];
    double[] gram = problem.gram().toArray();
    for (int i = 0; i < in; i++) {
      gram[i * in + i] += ridge;
    }
    Matrix right = Dense.product(target, Matrix.over(in, in, gram)); // G' [out, in]
    for (int o = 0; o < out; o++) {
      int[] kept =
          java.util.Arrays.stream(mask.keptOf(o)).filter(i -> !problem.isDead(i)).toArray();
      if (kept.length == 0) {
        continue;
      }
      var sub = new double[kept.length * kept.length];
      var rhs = new double[kept.length];
      for (int a = 0; a < kept.length; a++) {
        rhs[a] = right.at(o, kept[a]);
        for (int b = 0; b < kept.length; b++) {
          sub[a * kept.length + b] = gram[kept[a] * in + kept[b]];
        }
      }
      try (var _ = new PointerScope()) {
        Tensor factor = Dense.factor(Matrix.over(kept.length, kept.length, sub), 0);
        double[] solved =
            Dense.array(torch.cholesky_solve(Dense.tensor(rhs, kept.length, 1), factor, false));
        for (int a = 0; a < kept.length; a++) {
          values[o * in + kept[a]] = solved[a];
        }
      }
    }
    return LayerSolution.of(problem, Matrix.over(out, in, values), mask);
  }
}
