package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MagnitudeTest extends SolverContract {
  @Override
  PruningSolver solver() {
    return new Magnitude();
  }

  @Override
  boolean keepsWeights() {
    return true;
  }

  @Test
  void keepsTheLargestOfEachGroupByHand() {
    var problem =
        new LayerProblem(
            Matrix.of(1, 8, 1, -4, 3, 2, .1, .2, -.4, .3),
            Matrix.diagonal(1, 1, 1, 1, 1, 1, 1, 1),
            new Pattern.NofM(2, 4));

    LayerSolution solution = solver().solve(problem);

    assertEquals(Matrix.of(1, 8, 0, -4, 3, 0, 0, 0, -.4, .3), solution.weight());
    double kept = 16 + 9 + .16 + .09;
    double dropped = 1 + 4 + .01 + .04;
    assertEquals(dropped / (kept + dropped), solution.relativeError(), 1e-12);
    assertEquals(.5, solution.mask().density());
  }
}
