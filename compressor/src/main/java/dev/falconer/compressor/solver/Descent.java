package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Cyclic coordinate descent over inputs: each input's weights in turn move to the grid's values
 * nearest to the best that they could be while all others stay,
 *
 * <pre>
 * u_j = V_j + (G - H V)_j / H_jj     [out]
 * </pre>
 *
 * on the undamped gram. A sweep with rounding never raises the error, but for rounding of float32.
 * O(in^2 out) a sweep. Source: Behdin et al. 2023 (arXiv 2309.01885), equations 9 to 13.
 *
 * @param sweeps at most; the descent ends when one changes nothing
 * @param relaxed sweeps, counted from the first, of which the second of every three, but not the
 *     last of all, is without rounding
 */
record Descent(int sweeps, int relaxed) {
  /** Published: no sweep after this one is without rounding. */
  static final int RELAXED_SWEEPS = 26;

  /** Inputs between two payments to all others. */
  private static final int BLOCK = 64;

  /** Returns where the descent ends from a solution, on its grid. */
  QuantSolution from(LayerProblem problem, QuantSolution start) {
    return from(problem, start.weight(), start.mask(), start.grid());
  }

  /** Returns where the descent ends from weights [out, in], which need not lie on the grid. */
  QuantSolution from(LayerProblem problem, Matrix start, Mask mask, Grid grid) {
    int out = start.rows();
    int in = start.columns();
    try (var _ = new PointerScope()) {
      double unit = Floats.unit(problem.gram().values());
      float[] gram = Floats.scaled(problem.gram().values(), unit);
      Tensor gramTensor = Floats.tensor(gram, in, in);
      float[] weight = Floats.scaled(problem.weight().transposed().values(), 1);
      float[] shift = shift(problem, unit);
      float[] values = Floats.scaled(start.transposed().values(), 1);
      var sweep = new DescentSweep(gram, gramTensor, mask.toInOut(), grid, BLOCK);
      int done = 0;
      boolean changed = true;
      while (done < sweeps && changed) {
        boolean isRelaxed = done % 3 == 1 && done < relaxed && done != sweeps - 1;
        changed =
            sweep.run(residual(gramTensor, weight, values, shift, out, in), values, isRelaxed);
        done++;
      }
      return QuantSolution.of(problem, onGrid(values, mask, grid), mask, grid, done);
    }
  }

  /** Returns (C - H) W' [in, out], scaled, empty in a symmetric problem. */
  private static float[] shift(LayerProblem problem, double unit) {
    return problem.isSymmetric()
        ? new float[0]
        : Floats.scaled(
            Dense.product(problem.cross().minus(problem.gram()), problem.weight().transposed())
                .values(),
            unit);
  }

  /** Returns G - H V = H (W - V)' + (C - H) W' [in, out]. */
  private static float[] residual(
      Tensor gram, float[] weight, float[] values, float[] shift, int out, int in) {
    var difference = new float[weight.length];
    for (int i = 0; i < weight.length; i++) {
      difference[i] = weight[i] - values[i];
    }
    try (var _ = new PointerScope()) {
      float[] residual = Floats.array(gram.mm(Floats.tensor(difference, in, out)));
      for (int i = 0; i < shift.length; i++) {
        residual[i] += shift[i];
      }
      return residual;
    }
  }

  /** Rounds once more, in fp64, what float32 left next to the grid. */
  private static Matrix onGrid(float[] values, Mask mask, Grid grid) {
    int out = grid.rows();
    int in = grid.columns();
    var weight = new double[values.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        weight[o * in + i] = values[i * out + o];
      }
    }
    return mask.applied(grid.rounded(Matrix.over(out, in, weight)));
  }
}
