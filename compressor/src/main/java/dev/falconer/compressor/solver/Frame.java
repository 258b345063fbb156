package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer's problem damped and scaled to a gram of unit diagonal, the frame in which the solvers
 * work: with ridge = damping mean(diag H), s = sqrt(diag H + ridge),
 *
 * <pre>
 * Hn = (H + ridge I) / (s s')  [in, in],   Bd = (T s)'  [in, out],   objective unchanged: tr((Bd-B)' Hn (Bd-B))
 * </pre>
 *
 * A dead input stands alone: its row and column of Hn are those of the identity, its weights 0.
 */
final class Frame {
  private final double ridge;
  private final double[] scale;
  private final double[] gram;
  private final double[] target;
  private final int out;
  private final int in;

  /** Scales a problem; damping is relative to the mean of the gram's diagonal. */
  Frame(LayerProblem problem, double damping) {
    this.out = problem.weight().rows();
    this.in = problem.weight().columns();
    this.ridge = damping * problem.meanDiagonal();
    this.scale = problem.gram().diagonal();
    this.gram = problem.gram().toArray();
    this.target = new double[in * out];
    for (int i = 0; i < in; i++) {
      scale[i] = problem.isDead(i) ? 0 : Math.sqrt(scale[i] + ridge);
    }
    for (int i = 0; i < in; i++) {
      double unit = scale[i] == 0 ? 0 : 1 / scale[i];
      for (int j = 0; j < in; j++) {
        gram[i * in + j] *= scale[j] == 0 ? 0 : unit / scale[j];
      }
      gram[i * in + i] = 1;
    }
    double[] weight = problem.target(ridge).values();
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        target[i * out + o] = weight[o * in + i] * scale[i];
      }
    }
  }

  int out() {
    return out;
  }

  int in() {
    return in;
  }

  /** The number added to the gram's diagonal. */
  double ridge() {
    return ridge;
  }

  /** Hn [in, in], row-major, not copied. */
  double[] gram() {
    return gram;
  }

  /** Bd [in, out], row-major, not copied. */
  double[] target() {
    return target;
  }

  /** s [in], 0 at dead inputs; not copied. */
  double[] scale() {
    return scale;
  }

  /** Returns the right-hand side Hn Bd [in, out]. */
  Tensor right() {
    return gramTensor().mm(Dense.tensor(target, in, out));
  }

  Tensor gramTensor() {
    return Dense.tensor(gram, in, in);
  }

  /**
   * Returns the lower Cholesky factor of Hn with inputs in reverse order; empty if not definite.
   */
  Optional<Tensor> reversedFactor() {
    var reversed = new double[gram.length];
    for (int i = 0; i < gram.length; i++) {
      reversed[i] = gram[gram.length - 1 - i];
    }
    return Dense.cholesky(Dense.tensor(reversed, in, in));
  }

  /** Returns B [in, out] of this frame as a weight [out, in]. */
  Matrix weight(double[] scaled) {
    var weight = new double[scaled.length];
    for (int i = 0; i < in; i++) {
      double unit = scale[i] == 0 ? 0 : 1 / scale[i];
      for (int o = 0; o < out; o++) {
        weight[o * in + i] = scaled[i * out + o] * unit + 0.0; // never -0
      }
    }
    return Matrix.over(out, in, weight);
  }
}
