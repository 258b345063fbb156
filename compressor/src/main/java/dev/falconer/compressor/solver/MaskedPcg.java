package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The least-squares weights on a mask by conjugate gradients, all outputs at once, in fp64 and in
 * the unit-diagonal frame, whose Jacobi preconditioner is the identity. O(in^2 out) an iteration.
 * Starts from the target under the mask. Source: Meng et al. 2024, ALPS (arXiv 2406.07831),
 * algorithm 2, with the test of convergence on the residual under the mask.
 *
 * @param damping ridge towards the target, relative to the mean of the gram's diagonal
 * @param iterations at most
 * @param tolerance of the residual's norm, relative to its first
 */
public record MaskedPcg(double damping, int iterations, double tolerance) {
  /** Checks the ranges. */
  public MaskedPcg {
    if (!(damping >= 0) || iterations < 0 || !(tolerance >= 0)) {
      throw new IllegalArgumentException(
          "conjugate gradients of damping %s, %d iterations, tolerance %s: all at least 0"
              .formatted(damping, iterations, tolerance));
    }
  }

  /** Returns the weights, with the mask as it is. */
  public LayerSolution solve(LayerProblem problem, Mask mask) {
    var frame = new Frame(problem, damping);
    return solve(problem, frame, frame.target(), mask);
  }

  /** The same from another start [in, out] in a frame, which this record's damping must be of. */
  LayerSolution solve(LayerProblem problem, Frame frame, double[] start, Mask mask) {
    int out = frame.out();
    int in = frame.in();
    float[] marks = mask.toInOut();
    double[] weight = start.clone();
    double[] residual;
    int done = 0;
    try (var _ = new PointerScope()) {
      Tensor gram = frame.gramTensor();
      residual = new double[weight.length];
      for (int i = 0; i < weight.length; i++) {
        weight[i] *= marks[i];
        residual[i] = frame.target()[i] - weight[i];
      }
      residual = masked(Dense.array(gram.mm(Dense.tensor(residual, in, out))), marks);
      double[] direction = residual.clone();
      double[] norms = columnSums(residual, residual, out);
      double first = sum(norms);
      while (done < iterations && sum(norms) > tolerance * tolerance * first) {
        double[] image;
        try (var _ = new PointerScope()) {
          image = masked(Dense.array(gram.mm(Dense.tensor(direction, in, out))), marks);
        }
        double[] curvature = columnSums(direction, image, out);
        double[] rate = ratios(norms, curvature);
        step(weight, direction, rate, out, 1);
        step(residual, image, rate, out, -1);
        double[] next = columnSums(residual, residual, out);
        double[] turn = ratios(next, norms);
        for (int i = 0; i < weight.length; i++) {
          direction[i] = residual[i] + turn[i % out] * direction[i];
        }
        norms = next;
        done++;
      }
    }
    return LayerSolution.of(problem, frame.weight(weight), mask, done);
  }

  private static double[] masked(double[] values, float[] marks) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= marks[i];
    }
    return values;
  }

  private static double[] columnSums(double[] one, double[] other, int out) {
    var sums = new double[out];
    for (int from = 0; from < one.length; from += out) {
      for (int o = 0; o < out; o++) {
        sums[o] += one[from + o] * other[from + o];
      }
    }
    return sums;
  }

  private static double sum(double[] values) {
    double total = 0;
    for (double value : values) {
      total += value;
    }
    return total;
  }

  private static double[] ratios(double[] above, double[] below) {
    var ratios = new double[above.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = below[i] > 0 ? above[i] / below[i] : 0;
    }
    return ratios;
  }

  private static void step(
      double[] values, double[] direction, double[] rate, int out, double sign) {
    for (int from = 0; from < values.length; from += out) {
      for (int o = 0; o < out; o++) {
        values[from + o] += sign * rate[o] * direction[from + o];
      }
    }
  }
}
