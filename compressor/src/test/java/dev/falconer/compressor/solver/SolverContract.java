package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws of every pruning solver. */
abstract class SolverContract {
  /** The sum of products in two orders differs by rounding only. */
  private static final double ROUNDING = 1e-10;

  abstract PruningSolver solver();

  /** Whether the solver leaves kept weights as they are. */
  abstract boolean keepsWeights();

  static Stream<Problems.Case> cases() {
    return Problems.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepsExactlyNOfEveryM(Problems.Case shape) {
    LayerProblem problem = shape.problem();

    LayerSolution solution = solver().solve(problem);

    Pattern pattern = problem.pattern();
    for (int row = 0; row < problem.weight().rows(); row++) {
      for (int from = 0; from < problem.weight().columns(); from += pattern.group()) {
        int to = Math.min(problem.weight().columns(), from + pattern.group());
        int kept = 0;
        for (int column = from; column < to; column++) {
          kept += solution.mask().keeps(row, column) ? 1 : 0;
          assertTrue(
              solution.mask().keeps(row, column) || solution.weight().at(row, column) == 0,
              shape + ": a dropped weight is not zero");
        }
        assertEquals(pattern.keptOf(to - from), kept, shape.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reportsTheErrorOfItsWeight(Problems.Case shape) {
    LayerProblem problem = shape.problem();

    LayerSolution solution = solver().solve(problem);

    double lost = 0;
    double energy = 0;
    Matrix weight = problem.weight();
    for (int row = 0; row < weight.rows(); row++) {
      for (int i = 0; i < weight.columns(); i++) {
        for (int j = 0; j < weight.columns(); j++) {
          double h = problem.gram().at(i, j);
          lost +=
              (weight.at(row, i) - solution.weight().at(row, i))
                  * h
                  * (weight.at(row, j) - solution.weight().at(row, j));
          energy += weight.at(row, i) * h * weight.at(row, j);
        }
      }
    }
    assertEquals(lost / energy, solution.relativeError(), ROUNDING, shape.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void leavesKeptWeightsUnchangedWhenItSaysSo(Problems.Case shape) {
    LayerProblem problem = shape.problem();

    LayerSolution solution = solver().solve(problem);

    if (keepsWeights()) {
      assertEquals(solution.mask().applied(problem.weight()), solution.weight(), shape.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void treatsOutputsAlike(Problems.Case shape) {
    LayerProblem problem = shape.problem();
    List<Integer> order = Problems.order(problem.weight().rows(), new Random(shape.seed()));

    LayerSolution straight = solver().solve(problem);
    LayerSolution permuted =
        solver()
            .solve(
                new LayerProblem(
                    Problems.rows(problem.weight(), order), problem.gram(), problem.pattern()));

    assertEquals(Problems.rows(straight.weight(), order), permuted.weight(), shape.toString());
  }

  @Test
  void costsNothingWhereTheWeightHasThePatternAlready() {
    LayerProblem dense = new Problems.Case(6, 16, "2:4", true, 3).problem();
    Matrix sparse = new Magnitude().solve(dense).weight();

    LayerSolution solution =
        solver().solve(new LayerProblem(sparse, dense.gram(), dense.pattern()));

    assertEquals(0, solution.relativeError(), ROUNDING);
  }

  @Test
  void survivesInputsThatAreAlwaysZero() {
    Matrix weight = Matrix.of(1, 4, 5, 4, 3, 2);

    LayerSolution solution =
        solver().solve(new LayerProblem(weight, Matrix.diagonal(0, 0, 0, 0), new Pattern(2, 4)));

    assertEquals(2, solution.mask().count());
    assertEquals(0, solution.relativeError());
  }

  @Test
  void refusesShapesThatDoNotFitAndNumbersThatAreNone() {
    var pattern = new Pattern(2, 4);
    Matrix weight = Matrix.of(1, 4, 1, 2, 3, 4);

    for (var bad :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, 1), pattern),
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, Double.NaN, 1), pattern),
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, -1, 1), pattern),
            () ->
                new LayerProblem(
                    Matrix.of(1, 2, 1, 1), Matrix.of(2, 2, 1, .5, 0, 1), new Pattern(1, 2)),
            () ->
                new LayerProblem(
                    Matrix.of(1, 4, 1, 1, Double.POSITIVE_INFINITY, 1),
                    Matrix.diagonal(1, 1, 1, 1),
                    pattern))) {
      assertThrows(IllegalArgumentException.class, bad);
    }
  }
}
