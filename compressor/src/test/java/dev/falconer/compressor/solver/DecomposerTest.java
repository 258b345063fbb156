package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecomposerTest {
  private static final double ROUNDING = 1e-9;

  static Stream<Decomposer> solvers() {
    return Stream.of(
        new Alternation(SparseGpt.standard(), 4, .01),
        new Alternation(Alps.standard(), 3, 1e-3),
        JointSplitting.fast());
  }

  @Test
  void theLowRankStepReachesTheReferencesErrorsOnTheFixture() {
    LayerProblem problem = SolverFixtures.layer("2:4");
    Matrix delta = problem.weight().minus(new Wanda().solve(problem).weight());
    Matrix gram = Alternation.ridged(problem.gram(), .01 * problem.meanDiagonal());
    for (JsonNode expected : SolverFixtures.json("layer.json").get("lowrank")) {
      int rank = expected.get("rank").asInt();

      LowRank nearest = LowRank.nearest(delta, gram, rank);

      double error =
          new LayerProblem(delta, gram, problem.pattern()).relativeError(nearest.product());
      assertEquals(expected.get("err_closed_form_dampedH").asDouble(), error, ROUNDING);
    }
  }

  @Test
  void theLowRankStepIsTheLimitOfAlternatingLeastSquares() {
    LayerProblem problem = new Problems.Case(10, 14, "2:4", true, 2).problem();
    Matrix delta = problem.weight();
    Matrix gram = problem.gram();
    int rank = 3;
    var random = new Random(2);
    Matrix left = Matrix.over(10, rank, random.doubles(10L * rank).map(u -> u - .5).toArray());
    double descended = 1;
    for (int sweep = 0; sweep < 2000; sweep++) {
      // A = (B'B)^-1 B'D;  B' = (A H A')^-1 A H D'
      Matrix right =
          Dense.solved(
              Dense.product(left.transposed(), left), 0, Dense.product(left.transposed(), delta));
      Matrix weighed = Dense.product(right, gram);
      left =
          Dense.solved(
                  Dense.product(weighed, right.transposed()),
                  0,
                  Dense.product(weighed, delta.transposed()))
              .transposed();
      descended = problem.relativeError(Dense.product(left, right));
    }

    double closed = problem.relativeError(LowRank.nearest(delta, gram, rank).product());

    assertEquals(descended, closed, 1e-6 * closed, "seed 2");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void rankZeroIsTheSparseSolverAndFullRankCostsNothing(Decomposer solver) {
    LayerProblem problem = new Problems.Case(12, 16, "2:4", true, 3).problem();

    Decomposition none = solver.solve(problem, 0);
    Decomposition full = solver.solve(problem, 12);

    PruningSolver alone =
        solver instanceof Alternation(PruningSolver pruning, int _, double _)
            ? pruning
            : Alps.standard();
    assertEquals(alone.solve(problem).weight(), none.merged(), "seed 3");
    assertEquals(0, full.relativeError(), 1e-10, "seed 3");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void keepsPatternAndRankAndCountsItsNumbers(Decomposer solver) {
    for (String pattern : List.of("2:4", "70%", "1:8", "4:8t", "panel16@0.25")) {
      LayerProblem problem = new Problems.Case(16, 24, pattern, true, 4).problem();

      Decomposition solution = solver.solve(problem, 3);

      String at = pattern + " seed 4";
      PatternCheck.check(solution.mask(), problem.pattern(), Pattern.Scope.LAYER, at);
      assertEquals(solution.mask().applied(solution.sparse()), solution.sparse(), at);
      assertEquals(3, solution.lowRank().left().columns(), at);
      assertEquals(3, solution.lowRank().right().rows(), at);
      assertEquals(solution.mask().count() + 3 * (16 + 24), solution.parameters(), at);
      assertEquals(problem.relativeError(solution.merged()), solution.relativeError(), 1e-15, at);
    }
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void aLowRankPartLowersTheErrorOfItsSparseSolver(Decomposer solver) {
    for (long seed = 0; seed < 5; seed++) {
      LayerProblem problem = new Problems.Case(32, 48, "2:4", true, seed).problem();
      PruningSolver alone =
          solver instanceof Alternation(PruningSolver pruning, int _, double _)
              ? pruning
              : Alps.standard();
      LayerSolution sparse = alone.solve(problem);
      double once =
          problem.relativeError(
              sparse
                  .weight()
                  .plus(
                      LowRank.nearest(problem.weight().minus(sparse.weight()), problem.gram(), 4)
                          .product()));

      double error = solver.solve(problem, 4).relativeError();

      String at =
          error + ", once " + once + ", sparse " + sparse.relativeError() + ", seed " + seed;
      assertTrue(error <= once * 1.001 && once < sparse.relativeError(), at);
    }
  }

  @Test
  void aroundAlpsIsBetterThanAroundSparseGptIsBetterThanWithADiagonalGram() {
    for (String pattern : List.of("2:4", "70%")) {
      LayerProblem problem = new Problems.Case(64, 96, pattern, true, 6).problem();
      var diagonal =
          new LayerProblem(
              problem.weight(), Matrix.diagonal(problem.gram().diagonal()), problem.pattern());

      double joint = JointSplitting.fast().solve(problem, 8).relativeError();
      double alps = new Alternation(Alps.standard(), 10, 1e-3).solve(problem, 8).relativeError();
      double sparseGpt =
          new Alternation(SparseGpt.standard(), 30, 1e-3).solve(problem, 8).relativeError();
      double diagonalOnly =
          problem.relativeError(new Alternation(new Wanda(), 80, 0).solve(diagonal, 8).merged());

      String at =
          "%s: %s, %s, %s, %s, seed 6".formatted(pattern, joint, alps, sparseGpt, diagonalOnly);
      assertTrue(joint <= 1.02 * alps && alps <= sparseGpt && sparseGpt <= diagonalOnly, at);
    }
  }

  @Test
  void moreRoundsAreNeverWorse() {
    LayerProblem problem = new Problems.Case(16, 32, "2:4", true, 7).problem();
    double before = 1;
    for (int rounds = 1; rounds < 12; rounds++) {
      double error =
          new Alternation(SparseGpt.standard(), rounds, .01).solve(problem, 3).relativeError();

      assertTrue(error <= before, rounds + " rounds, seed 7");
      before = error;
    }
  }

  @Test
  void recoversAPlantedSumWhereInputsAreIndependent() {
    var random = new Random(8);
    var sparse = new double[64 * 64];
    for (int row = 0; row < 64; row++) {
      for (int n = 0; n < 6; n++) {
        int column;
        do {
          column = random.nextInt(64);
        } while (sparse[row * 64 + column] != 0);
        sparse[row * 64 + column] = random.nextBoolean() ? 3 : -3;
      }
    }
    Matrix left = Matrix.over(64, 2, random.doubles(128).map(u -> u - .5).toArray());
    Matrix right = Matrix.over(2, 64, random.doubles(128).map(u -> u - .5).toArray());
    var ones = new double[64];
    java.util.Arrays.fill(ones, 1);
    var problem =
        new LayerProblem(
            Matrix.over(64, 64, sparse).plus(Dense.product(left, right)),
            Matrix.diagonal(ones),
            new Pattern.Unstructured(58 / 64.0, Pattern.Scope.ROW));

    Decomposition solution = new Alternation(new Magnitude(), 200, 0).solve(problem, 2);

    assertEquals(0, solution.relativeError(), 1e-16, "seed 8");
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void survivesDeadInputsAndOtherInputsTargets(Decomposer solver) {
    LayerProblem dense = new Problems.Case(12, 24, "2:4", true, 9).problem();
    double[] gram = new Problems.Case(12, 24, "2:4", true, 10).problem().gram().toArray();
    for (int i = 0; i < 24; i++) {
      gram[i * 24 + 5] = 0;
      gram[5 * 24 + i] = 0;
    }
    Matrix dead = Matrix.over(24, 24, gram);
    var problem =
        LayerProblem.asymmetric(
            dense.weight(),
            dead,
            dead.plus(Problems.scaled(dense.gram(), .01)),
            Problems.scaled(dead.plus(dense.gram()), 2),
            dense.pattern());

    Decomposition solution = solver.solve(problem, 4);

    assertTrue(solution.relativeError() < 1 && solution.merged().isFinite(), "seeds 9, 10");
    for (int row = 0; row < 12; row++) {
      assertEquals(0, solution.merged().at(row, 5), "seeds 9, 10");
    }
  }

  @Test
  void isAsGoodAsMeasuredOnARealLayer() {
    for (String pattern : List.of("2:4", "70%")) {
      double published = pattern.equals("2:4") ? .0006333223 : .0012379245;
      var problem =
          new LayerProblem(LayerData.weight(), LayerData.gram(), Pattern.parse(pattern))
              .withRows(4096);

      double error = JointSplitting.fast().solve(problem, 32).relativeError();

      assertTrue(error <= .89 * published, error / published + " of published at " + pattern);
    }
  }

  @Test
  void aBudgetIsKeptAndUsed() {
    for (double compression : new double[] {.3, .4, .45}) {
      var budget = new ParameterBudget(compression);
      int rank = budget.rankBeside(new Pattern.NofM(2, 4), 96, 128);

      double allowed = (1 - compression) * 96 * 128;
      double held = 96 * 128 / 2 + rank * (96 + 128);
      assertTrue(held <= allowed + ROUNDING && held + 96 + 128 > allowed, compression + " " + rank);
    }
    var budget = new ParameterBudget(.6);
    int rank = budget.rankOf(.3, 1000, 2000);
    assertEquals(80, rank); // .3 * .4 * 1000 * 2000 / 3000
    assertEquals(.72, budget.zerosBeside(.3).sparsity(), 1e-12);
    assertEquals(0, new ParameterBudget(.5).rankBeside(new Pattern.NofM(2, 4), 96, 128));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ParameterBudget(.6).rankBeside(new Pattern.NofM(2, 4), 96, 128));
    assertThrows(IllegalArgumentException.class, () -> new ParameterBudget(1));
    assertThrows(IllegalArgumentException.class, () -> budget.rankOf(1.1, 4, 4));
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void refusesRanksOutOfRange(Decomposer solver) {
    LayerProblem problem = new Problems.Case(12, 16, "2:4", true, 3).problem();

    assertThrows(IllegalArgumentException.class, () -> solver.solve(problem, 13));
    assertThrows(IllegalArgumentException.class, () -> solver.solve(problem, -1));
  }

  @Test
  void aRankIsANumberOrWhatABudgetLeaves() {
    Pattern half = Pattern.parse("2:4");
    assertEquals(16, RankChoice.parse("16").of(half, 96, 128));
    // .1 of 96 x 128 numbers, 224 a rank.
    assertEquals(5, RankChoice.parse("40%").of(half, 96, 128));
    assertEquals(16, RankChoice.parse("40%").of(Pattern.parse("70%"), 96, 128));
    for (String wrong : new String[] {"0", "many", "-3%", "100%"}) {
      assertThrows(IllegalArgumentException.class, () -> RankChoice.parse(wrong), wrong);
    }
    assertThrows(IllegalArgumentException.class, () -> RankChoice.parse("97").of(half, 96, 128));
    assertThrows(IllegalArgumentException.class, () -> RankChoice.parse("50%").of(half, 96, 128));
    assertThrows(IllegalArgumentException.class, () -> RankChoice.parse("60%").of(half, 96, 128));
  }

  @Test
  void findsSolversByName() {
    assertEquals(JointSplitting.fast(), Decomposer.parse("hassle-free-alps"));
    assertEquals(Alternation.aroundSparseGpt(), Decomposer.parse("hassle-free-sparsegpt"));
    assertThrows(IllegalArgumentException.class, () -> Decomposer.parse("oats"));
  }
}
