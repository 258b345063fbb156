package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SparseGptTest extends SolverContract {
  @Override
  PruningSolver solver() {
    return SparseGpt.standard();
  }

  @Override
  boolean keepsWeights() {
    return false;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void losesExactlyTheSquaresOfItsSteps(Problems.Case shape) {
    LayerProblem problem = shape.problem();

    try (var _ = new PointerScope()) {
      ColumnSweep sweep = SparseGpt.standard().sweep(problem);

      double ridge = .01 * problem.meanDiagonal();
      double[] damped = problem.gram().toArray();
      int in = problem.gram().rows();
      for (int i = 0; i < in; i++) {
        damped[i * in + i] += ridge;
      }
      Matrix difference = problem.weight().minus(sweep.weight());
      double lost = Dense.inner(Dense.product(difference, Matrix.over(in, in, damped)), difference);
      assertEquals(lost, sweep.loss(), 1e-12 * lost, shape.toString());
    }
  }

  @Test
  void takesGroupsAlikeInBlocksOfAnySize() {
    LayerProblem problem = new Problems.Case(9, 64, "2:4", true, 21).problem();

    Matrix whole = new SparseGpt(.01, 64).solve(problem).weight();
    Matrix parts = new SparseGpt(.01, 8).solve(problem).weight();

    assertArrayEquals(whole.toArray(), parts.toArray(), 1e-12);
  }
}
