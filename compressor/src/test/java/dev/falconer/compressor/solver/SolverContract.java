package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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

  /** Over what unstructured zeros count where the pattern leaves it open. */
  Pattern.Scope scope() {
    return Pattern.Scope.LAYER;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepsExactlyThePattern(Problems.Case shape) {
    LayerProblem problem = shape.problem();

    LayerSolution solution = solver().solve(problem);

    PatternCheck.check(solution.mask(), problem.pattern(), scope(), shape.toString());
    assertEquals(
        solution.mask().applied(solution.weight()),
        solution.weight(),
        shape + ": a dropped weight is not zero");
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

  /** Returns by how much a weight may differ where its output stands elsewhere. */
  double placeRounding() {
    return 0;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void treatsOutputsAlike(Problems.Case shape) {
    LayerProblem problem = shape.problem();
    List<Integer> order = Problems.order(problem, new Random(shape.seed()));

    LayerSolution straight = solver().solve(problem);
    LayerSolution permuted =
        solver()
            .solve(
                new LayerProblem(
                    Problems.rows(problem.weight(), order), problem.gram(), problem.pattern()));

    double[] moved = Problems.rows(straight.weight(), order).toArray();
    assertArrayEquals(moved, permuted.weight().toArray(), placeRounding(), shape.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isNoWorseThanNoWeightAtAllWhenItUpdatesWeights(Problems.Case shape) {
    if (!keepsWeights()) {
      assertTrue(solver().solve(shape.problem()).relativeError() < 1, shape.toString());
      assertTrue(solver().solve(shifted(shape)).relativeError() < 1, shape.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheSameBitsTwice(Problems.Case shape) {
    assertEquals(
        solver().solve(shape.problem()), solver().solve(shape.problem()), shape.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void losesLittleWhenItsInputIsRoundedToFloat(Problems.Case shape) {
    LayerProblem exact = shape.problem();
    var rounded =
        new LayerProblem(
            Problems.toFloat(exact.weight()), Problems.toFloat(exact.gram()), exact.pattern());

    double error = solver().solve(exact).relativeError();

    assertEquals(
        error, exact.relativeError(solver().solve(rounded).weight()), 1e-3 * error, shape + "");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reportsTheErrorAgainstTheDenseOutputOfOtherInputs(Problems.Case shape) {
    LayerProblem problem = shifted(shape);

    LayerSolution solution = solver().solve(problem);

    PatternCheck.check(solution.mask(), problem.pattern(), scope(), shape.toString());
    assertEquals(
        problem.relativeError(solution.weight()), solution.relativeError(), shape.toString());
  }

  /** The problem with targets of other inputs: dense ones that are 1.25 times these. */
  static LayerProblem shifted(Problems.Case shape) {
    LayerProblem plain = shape.problem();
    return LayerProblem.asymmetric(
        plain.weight(),
        plain.gram(),
        Problems.scaled(plain.gram(), 1.25),
        Problems.scaled(plain.gram(), 1.25 * 1.25),
        plain.pattern());
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
        solver()
            .solve(new LayerProblem(weight, Matrix.diagonal(0, 0, 0, 0), new Pattern.NofM(2, 4)));

    assertEquals(2, solution.mask().count());
    assertEquals(0, solution.relativeError());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesNoWeightToAnInputThatIsAlwaysZero(Problems.Case shape) {
    LayerProblem problem = Problems.withDeadInput(shape.problem(), 1);

    LayerSolution solution = solver().solve(problem);

    PatternCheck.check(solution.mask(), problem.pattern(), scope(), shape.toString());
    for (int o = 0; o < problem.weight().rows(); o++) {
      assertEquals(0, solution.weight().at(o, 1), shape.toString());
    }
    assertTrue(solution.weight().isFinite(), shape.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void survivesTinyNegativeEigenvalues(Problems.Case shape) {
    LayerProblem plain = shape.problem();
    int in = plain.weight().columns();
    // Of rank 2: its other eigenvalues are 0 in exact arithmetic, -1e-6 of the largest here.
    var random = new Random(shape.seed());
    double[] one = random.doubles(in).map(u -> u - .5).toArray();
    double[] two = random.doubles(in).map(u -> u - .5).toArray();
    var gram = new double[in * in];
    double trace = 0;
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < in; j++) {
        gram[i * in + j] = one[i] * one[j] + two[i] * two[j];
      }
      trace += gram[i * in + i];
    }
    for (int i = 0; i < in; i++) {
      gram[i * in + i] -= 5e-7 * trace;
    }

    LayerSolution solution =
        solver()
            .solve(new LayerProblem(plain.weight(), Matrix.over(in, in, gram), plain.pattern()));

    PatternCheck.check(solution.mask(), plain.pattern(), scope(), shape.toString());
    assertTrue(solution.weight().isFinite(), shape.toString());
  }

  @Test
  void refusesShapesThatDoNotFitAndNumbersThatAreNone() {
    var pattern = new Pattern.NofM(2, 4);
    Matrix weight = Matrix.of(1, 4, 1, 2, 3, 4);

    for (var bad :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, 1), pattern),
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, Double.NaN, 1), pattern),
            () -> new LayerProblem(weight, Matrix.diagonal(1, 1, -1, 1), pattern),
            () ->
                new LayerProblem(
                    Matrix.of(1, 2, 1, 1), Matrix.of(2, 2, 1, .5, 0, 1), new Pattern.NofM(1, 2)),
            () ->
                new LayerProblem(
                    Matrix.of(1, 4, 1, 1, Double.POSITIVE_INFINITY, 1),
                    Matrix.diagonal(1, 1, 1, 1),
                    pattern))) {
      assertThrows(IllegalArgumentException.class, bad);
    }
  }
}
