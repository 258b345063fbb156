package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuantSolverTest {
  /** The reference's scales are fp64, ours fp32: few weights round the other way. */
  private static final double SCALES = .002;

  /** Sums of float32. */
  private static final double ROUNDING = 1e-5;

  private static final Gptq DESCENDING = Gptq.published().withOrder(Gptq.Order.DESCENDING);

  static Stream<QuantSolver> solvers() {
    return Stream.of(
        new Rtn(),
        Gptq.published(),
        DESCENDING,
        new Gptq(.01, 5, Gptq.Order.NATURAL, 0),
        Gptq.withDescent(),
        Gptq.withDescent().withOrder(Gptq.Order.DESCENDING),
        new QuantEase(7));
  }

  static Stream<GridFit> fits() {
    return Stream.of(
        GridFit.perOutput(2),
        GridFit.perOutput(4).withSearch(GridFit.Search.MSE),
        GridFit.perOutput(4).withGroup(8),
        new GridFit(3, 4, GridFit.Symmetry.SYMMETRIC, GridFit.Search.MSE),
        new GridFit(8, 0, GridFit.Symmetry.SYMMETRIC, GridFit.Search.MINMAX));
  }

  @Test
  void reachesTheReferencesErrorsOnTheFixture() {
    LayerProblem problem = SolverFixtures.layer("0%");
    for (JsonNode expected : SolverFixtures.json("layer.json").get("quant")) {
      int bits = expected.get("bits").asInt();
      GridFit fit = GridFit.perOutput(bits);
      QuantSolution descending = DESCENDING.solve(problem, fit);

      check(expected, "rtn", new Rtn().solve(problem, fit));
      check(expected, "gptq", Gptq.published().solve(problem, fit));
      check(expected, "gptq_act", descending);
      check(expected, "quantease30", QuantEase.published().solve(problem, fit));
      check(expected, "gptq_then_cd10_norelax", new Descent(10, 0).from(problem, descending));
    }
  }

  private static void check(JsonNode expected, String name, QuantSolution solution) {
    double error = expected.get(name).asDouble();
    assertEquals(error, solution.relativeError(), SCALES * error, name + " " + expected);
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void everyWeightIsTheValueOfItsCodeAndOfThePattern(QuantSolver solver) {
    for (GridFit fit : fits().toList()) {
      for (String pattern : List.of("0%", "2:4", "60%", "4:8t", "panel16@0.25")) {
        LayerProblem problem = new Problems.Case(8, 24, pattern, true, 3).problem();

        QuantSolution solution = solver.solve(problem, fit);

        String at = fit + " " + pattern;
        Grid grid = solution.grid();
        Matrix weight = solution.weight();
        PatternCheck.check(solution.mask(), problem.pattern(), Pattern.Scope.LAYER, at);
        for (int r = 0; r < 8; r++) {
          for (int c = 0; c < 24; c++) {
            int code = grid.code(r, c, weight.at(r, c));
            assertEquals(grid.value(r, c, code), weight.at(r, c), at);
            assertTrue(code >= 0 && code < 1 << fit.bits(), at);
            assertTrue(solution.mask().keeps(r, c) || weight.at(r, c) == 0, at);
          }
        }
        assertEquals(problem.relativeError(weight), solution.relativeError(), 1e-12, at);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void roundsTheWeightsOfASparseSolutionAndKeepsItsMask(QuantSolver solver) {
    LayerProblem problem = new Problems.Case(16, 32, "2:4", true, 4).problem();
    LayerSolution sparse = Alps.standard().solve(problem);

    QuantSolution solution =
        solver.solve(problem, GridFit.perOutput(4).withGroup(16), Optional.of(sparse));

    assertEquals(sparse.mask(), solution.mask());
    assertTrue(solution.relativeError() < .3, solution.relativeError() + " seed 4");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void manyBitsCostNextToNothing(QuantSolver solver) {
    LayerProblem problem = new Problems.Case(9, 17, "0%", true, 5).problem();

    double four = solver.solve(problem, GridFit.perOutput(4)).relativeError();
    double eight = solver.solve(problem, GridFit.perOutput(8)).relativeError();

    assertTrue(eight < four / 100, eight + " after " + four + ", seed 5");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void survivesDeadInputsAndAGramOfRankOne(QuantSolver solver) {
    var gram = new double[64];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        gram[i * 8 + j] = 9 * (i + 1) * (j + 1);
      }
    }
    double[] weight = new Random(6).doubles(24).map(u -> u - .5).toArray();
    var problem =
        new LayerProblem(Matrix.over(3, 8, weight), Matrix.over(8, 8, gram), Pattern.parse("0%"));

    QuantSolution solution = solver.solve(problem, GridFit.perOutput(4));

    assertTrue(solution.weight().isFinite() && solution.relativeError() < .1, "seed 6");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void minimisesTheErrorOfOtherInputsTargets(QuantSolver solver) {
    LayerProblem dense = new Problems.Case(12, 24, "0%", true, 7).problem();
    Matrix gram = new Problems.Case(12, 24, "0%", true, 8).problem().gram();
    Matrix cross = gram.plus(Problems.scaled(dense.gram(), .01));
    var problem =
        LayerProblem.asymmetric(
            dense.weight(), gram, cross, Problems.scaled(gram, 2), dense.pattern());

    double error = solver.solve(problem, GridFit.perOutput(8)).relativeError();

    Matrix blind =
        solver
            .solve(new LayerProblem(dense.weight(), gram, dense.pattern()), GridFit.perOutput(8))
            .weight();
    assertTrue(
        solver instanceof Rtn || error < .7 * problem.relativeError(blind),
        error + " against " + problem.relativeError(blind));
  }

  @Test
  void descentFromAnyStartNeverRaisesTheError() {
    for (long seed = 0; seed < 10; seed++) {
      LayerProblem problem = new Problems.Case(12, 40, "0%", seed % 2 == 0, seed).problem();
      for (GridFit fit : fits().toList()) {
        QuantSolution at = new Rtn().solve(problem, fit);
        for (int sweep = 0; sweep < 5; sweep++) {
          QuantSolution next = new Descent(1, 0).from(problem, at);

          assertTrue(
              next.relativeError() <= at.relativeError() * (1 + ROUNDING), fit + " seed " + seed);
          at = next;
        }
      }
    }
  }

  @Test
  void descentAfterGptqIsAtLeastAsGoodAndGptqIsBetterThanRounding() {
    for (long seed = 0; seed < 10; seed++) {
      LayerProblem problem = new Problems.Case(24, 48, "0%", true, seed).problem();
      for (int bits : new int[] {2, 3, 4, 8}) {
        GridFit fit = GridFit.perOutput(bits);
        double rounded = new Rtn().solve(problem, fit).relativeError();
        for (var order : Gptq.Order.values()) {
          double gptq = new Gptq(.01, 128, order, 0).solve(problem, fit).relativeError();
          double descended = new Gptq(.01, 128, order, 5).solve(problem, fit).relativeError();

          assertTrue(descended <= gptq, bits + " bits, seed " + seed);
          assertTrue(gptq <= rounded, bits + " bits, seed " + seed);
        }
      }
    }
  }

  @Test
  void theBlockDoesNotMatter() {
    LayerProblem problem = new Problems.Case(16, 50, "0%", true, 9).problem();
    for (GridFit fit : List.of(GridFit.perOutput(4), GridFit.perOutput(4).withGroup(10))) {
      Matrix expected = Gptq.published().solve(problem, fit).weight();
      for (int block : new int[] {1, 3, 7, 20, 50}) {
        assertEquals(
            expected,
            new Gptq(.01, block, Gptq.Order.NATURAL, 0).solve(problem, fit).weight(),
            fit + " block " + block);
      }
    }
  }

  @Test
  void descendingOrderIsNaturalOrderOfInputsSortedBeforehand() {
    LayerProblem problem = new Problems.Case(8, 20, "0%", true, 10).problem();
    double[] diagonal = problem.gram().diagonal();
    List<Integer> order =
        java.util.stream.IntStream.range(0, 20)
            .boxed()
            .sorted(java.util.Comparator.comparingDouble(i -> -diagonal[i]))
            .toList();
    Matrix gram = Problems.rows(Problems.rows(problem.gram(), order).transposed(), order);
    Matrix weight = Problems.rows(problem.weight().transposed(), order).transposed();

    Matrix sorted =
        Gptq.published()
            .solve(new LayerProblem(weight, gram, problem.pattern()), GridFit.perOutput(3))
            .weight();
    Matrix descending = DESCENDING.solve(problem, GridFit.perOutput(3)).weight();

    assertEquals(sorted, Problems.rows(descending.transposed(), order).transposed(), "seed 10");
  }

  @Test
  void descendingOrderFindsEveryInputsOwnGroup() {
    double descending = 0;
    double natural = 0;
    for (long seed = 0; seed < 10; seed++) {
      LayerProblem problem = new Problems.Case(24, 48, "0%", true, seed).problem();
      GridFit fit = GridFit.perOutput(3).withGroup(4);
      descending += DESCENDING.solve(problem, fit).relativeError();
      natural += Gptq.published().solve(problem, fit).relativeError();
    }

    assertTrue(descending < natural, descending + " against " + natural);
  }

  @Test
  void isAsGoodAsMeasuredOnARealLayer() {
    var problem =
        new LayerProblem(LayerData.weight(), LayerData.gram(), Pattern.parse("0%")).withRows(4096);
    GridFit four = GridFit.perOutput(4);
    GridFit fitted = four.withSearch(GridFit.Search.MSE);

    assertEquals(.0314789, new Rtn().solve(problem, four).relativeError(), 1e-5);
    assertTrue(Gptq.published().solve(problem, four).relativeError() <= .0052);
    assertTrue(
        Gptq.withDescent().withOrder(Gptq.Order.DESCENDING).solve(problem, fitted).relativeError()
            <= .0021);
    assertTrue(QuantEase.published().solve(problem, four).relativeError() <= .0038);
  }

  @Test
  void findsSolversByNameAndNamesThemWhereThereIsNone() {
    assertEquals(Gptq.published(), QuantSolver.parse("gptq"));
    assertEquals(Gptq.withDescent(), QuantSolver.parse("gptq+cd"));
    assertEquals(new Rtn(), QuantSolver.parse("rtn"));
    assertEquals(new QuantEase(30), QuantSolver.parse("quantease"));
    var error = assertThrows(IllegalArgumentException.class, () -> QuantSolver.parse("awq"));
    assertTrue(String.valueOf(error.getMessage()).contains("gptq+cd"));
  }

  @Test
  void refusesParametersOutOfRange() {
    LayerProblem problem = new Problems.Case(4, 10, "0%", true, 1).problem();
    for (var bad :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> new Gptq(0, 128, Gptq.Order.NATURAL, 0),
            () -> new Gptq(.01, 0, Gptq.Order.NATURAL, 0),
            () -> new Gptq(.01, 1, Gptq.Order.NATURAL, -1),
            () -> new QuantEase(0),
            () -> GridFit.perOutput(1),
            () -> GridFit.perOutput(9),
            () -> GridFit.perOutput(4).withGroup(-1),
            () -> Gptq.published().solve(problem, GridFit.perOutput(4).withGroup(3)))) {
      assertThrows(IllegalArgumentException.class, bad);
    }
  }
}
