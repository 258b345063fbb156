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
    for (int i = 0; i < in; i++) {
      scale[i] = problem.isDead(i) ? 0 : Math.sqrt(scale[i] + ridge);
    }
    this.target = scaled(problem.target(ridge));
    double[] units = units();
    for (int i = 0; i < in; i++) {
      double unit = units[i];
      for (int j = 0; j < in; j++) {
        gram[i * in + j] *= unit * units[j];
      }
      gram[i * in + i] = 1;
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
    double[] units = units();
    double[] weight = Floats.transposed(scaled, in, out);
    for (int from = 0; from < weight.length; from += in) {
      for (int i = 0; i < in; i++) {
        weight[from + i] = weight[from + i] * units[i] + 0.0; // never -0
      }
    }
    return Matrix.over(out, in, weight);
  }

  /** Returns a weight [out, in] as B [in, out] of this frame. */
  double[] scaled(Matrix weight) {
    double[] scaled = Floats.transposed(weight.values(), out, in);
    for (int i = 0; i < in; i++) {
      for (int o = i * out; o < (i + 1) * out; o++) {
        scaled[o] *= scale[i];
      }
    }
    return scaled;
  }

  /** Returns 1 / s [in], 0 at dead inputs. */
  private double[] units() {
    var units = new double[in];
    for (int i = 0; i < in; i++) {
      units[i] = scale[i] == 0 ? 0 : 1 / scale[i];
    }
    return units;
  }
}
