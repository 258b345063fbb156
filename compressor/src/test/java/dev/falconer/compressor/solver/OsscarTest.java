package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class OsscarTest {
  private static final double ROUNDING = 1e-9;

  private static final Osscar GREEDY = new Osscar(.01, 1, 0, 0);

  @Test
  void keepsTheReferencesGroupsOnTheFixture() {
    LayerProblem problem = SolverFixtures.layer("0%");
    for (JsonNode expected : SolverFixtures.json("layer.json").get("osscar")) {
      var kept = new ArrayList<Integer>();
      for (int g = 0; g < expected.get("alive").size(); g++) {
        if (expected.get("alive").get(g).asInt() == 1) {
          kept.add(g);
        }
      }

      Osscar.Kept solution =
          GREEDY.solve(problem, expected.get("group").asInt(), expected.get("keep").asInt());

      assertEquals(kept, solution.kept());
      double increase = expected.get("obj_increase").asDouble();
      assertEquals(increase, solution.increase(), ROUNDING * increase);
    }
    JsonNode best = SolverFixtures.json("layer.json").get("osscar_best_of_4");
    double found = new Osscar(.01, 1, 2, 30).solve(problem, 4, 4).increase();
    assertEquals(best.get("obj_increase").asDouble(), found, 1e-6);
  }

  @Test
  void whatAGroupIsSaidToCostIsWhatItCosts() {
    for (int group : new int[] {1, 3}) {
      LayerProblem problem = new Problems.Case(7, 24, "0%", true, 2).problem();
      try (var _ = new PointerScope()) {
        var fit = new GroupFit(problem, .01, group);
        List<Integer> all = IntStream.range(0, 24 / group).boxed().toList();
        for (int g : all) {
          fit.refit(all);
          double said = fit.costs()[g];
          fit.drop(List.of(g));
          double byDowndate = fit.increase();
          double regained = fit.gains()[0];
          fit.refit(fit.alive());

          assertEquals(said, fit.increase(), ROUNDING, "group " + g + " seed 2");
          assertEquals(said, byDowndate, ROUNDING, "group " + g + " seed 2");
          assertEquals(said, regained, ROUNDING, "group " + g + " seed 2");
        }
      }
    }
  }

  @Test
  void comesNearTheBestChoiceOfAll() {
    double sum = 0;
    for (long seed = 0; seed < 20; seed++) {
      LayerProblem problem = new Problems.Case(6, 10, "0%", true, seed).problem();
      double best = Double.POSITIVE_INFINITY;
      for (int bits = 0; bits < 1 << 10; bits++) {
        if (Integer.bitCount(bits) == 5) {
          int chosen = bits;
          best = Math.min(best, increase(problem, 1, i -> (chosen >> i & 1) == 1));
        }
      }

      double greedy = GREEDY.solve(problem, 1, 5).increase();
      double exchanged = new Osscar(.01, 1, 2, 30).solve(problem, 1, 5).increase();

      assertTrue(greedy < 1.3 * best && greedy > best * (1 - ROUNDING), "seed " + seed);
      assertTrue(exchanged <= greedy * (1 + ROUNDING), "seed " + seed);
      assertTrue(exchanged < 1.15 * best, "seed " + seed);
      sum += greedy / best;
    }
    assertTrue(sum / 20 < 1.05, "mean ratio " + sum / 20);
  }

  @Test
  void isBetterThanTheLargestGroupsFittedIsBetterThanThemAsTheyAre() {
    for (long seed = 0; seed < 10; seed++) {
      LayerProblem problem = new Problems.Case(16, 48, "0%", true, seed).problem();
      double[] norms = new double[12];
      for (int i = 0; i < 48; i++) {
        for (int o = 0; o < 16; o++) {
          norms[i / 4] += problem.weight().at(o, i) * problem.weight().at(o, i);
        }
      }
      List<Integer> largest =
          IntStream.range(0, 12)
              .boxed()
              .sorted(Comparator.comparingDouble(g -> -norms[g]))
              .limit(6)
              .sorted()
              .toList();
      double fitted = increase(problem, 4, largest::contains);
      double[] plain = problem.weight().toArray();
      for (int i = 0; i < plain.length; i++) {
        plain[i] = largest.contains(i % 48 / 4) ? plain[i] : 0;
      }
      var damped =
          new LayerProblem(
              problem.weight(),
              Alternation.ridged(problem.gram(), .01 * problem.meanDiagonal()),
              problem.pattern());
      double unfitted = .5 * damped.energy() * damped.relativeError(Matrix.over(16, 48, plain));

      Osscar.Kept solution = new Osscar(.01, 2, 3, 30).solve(problem, 4, 6);

      String at = solution.increase() + ", " + fitted + ", " + unfitted + ", seed " + seed;
      assertTrue(solution.increase() <= fitted * (1 + ROUNDING) && fitted < unfitted, at);
    }
  }

  @Test
  void zeroesTheInputsOfDroppedGroupsAndReportsItsError() {
    LayerProblem problem = new Problems.Case(9, 150, "0%", true, 3).problem();

    Osscar.Kept solution = Osscar.forNeurons().solve(problem, 2, 30);

    assertEquals(30, solution.kept().size());
    for (int i = 0; i < 150; i++) {
      boolean isKept = solution.kept().contains(i / 2);
      for (int o = 0; o < 9; o++) {
        assertTrue(isKept || solution.weight().at(o, i) == 0, "input " + i);
      }
    }
    assertEquals(problem.relativeError(solution.weight()), solution.relativeError());
    double direct = increase(problem, 2, g -> solution.kept().contains(g));
    assertEquals(direct, solution.increase(), ROUNDING * direct, "seed 3");
  }

  @Test
  void theInverseIsFoundAnewOnceMoreThanSixtyFourInputsWereDropped() {
    LayerProblem problem = new Problems.Case(3, 80, "0%", true, 6).problem();
    try (var _ = new PointerScope()) {
      var fit = new GroupFit(problem, .01, 1);
      fit.refit(IntStream.range(0, 80).boxed().toList());
      for (int i = 0; i < 64; i++) {
        fit.drop(List.of(0));
      }
      var anew = new GroupFit(problem, .01, 1);
      anew.refit(fit.alive());
      assertNotEquals(anew.weight(), fit.weight(), "down-dated weights are rounded otherwise");

      fit.drop(List.of(0));

      anew.refit(fit.alive());
      assertEquals(anew.weight(), fit.weight(), "seed 6");
    }
  }

  @Test
  void endsWhereNoSingleExchangeHelps() {
    for (long seed = 0; seed < 8; seed++) {
      LayerProblem problem = new Problems.Case(6, 40, "0%", true, seed).problem();

      Osscar.Kept solution = new Osscar(.01, 10, 8, 30).solve(problem, 1, 20);

      try (var _ = new PointerScope()) {
        var fit = new GroupFit(problem, .01, 1);
        fit.refit(solution.kept());
        fit.drop(List.of(least(fit.costs())));
        double[] losses = Arrays.stream(fit.gains()).map(gain -> -gain).toArray();
        var next = new ArrayList<>(fit.alive());
        next.add(fit.absent().get(least(losses)));
        fit.refit(next.stream().sorted().toList());

        double least = solution.increase() * (1 - 1e-9);
        assertTrue(fit.increase() >= least, fit.increase() + " below " + least + ", seed " + seed);
      }
    }
  }

  private static int least(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .min(Comparator.comparingDouble(i -> values[i]))
        .orElseThrow();
  }

  @Test
  void dropsDeadInputsAndZeroWeightsFirst() {
    LayerProblem drawn = new Problems.Case(5, 12, "0%", true, 4).problem();
    double[] gram = drawn.gram().toArray();
    double[] weight = drawn.weight().toArray();
    for (int i = 0; i < 12; i++) {
      gram[i * 12 + 7] = 0;
      gram[7 * 12 + i] = 0;
    }
    for (int o = 0; o < 5; o++) {
      weight[o * 12 + 2] = 0;
    }
    var problem =
        new LayerProblem(Matrix.over(5, 12, weight), Matrix.over(12, 12, gram), drawn.pattern());

    Osscar.Kept solution = GREEDY.solve(problem, 1, 10);

    assertTrue(!solution.kept().contains(7) && !solution.kept().contains(2), "seed 4");
    assertEquals(0, solution.relativeError(), 1e-12, "seed 4");
  }

  @Test
  void refusesGroupsThatDoNotDivideAndCountsOutOfRange() {
    LayerProblem problem = new Problems.Case(5, 12, "0%", true, 4).problem();

    assertThrows(IllegalArgumentException.class, () -> GREEDY.solve(problem, 5, 1));
    assertThrows(IllegalArgumentException.class, () -> GREEDY.solve(problem, 3, 0));
    assertThrows(IllegalArgumentException.class, () -> GREEDY.solve(problem, 3, 5));
    assertThrows(IllegalArgumentException.class, () -> new Osscar(0, 1, 0, 0));
  }

  private static double increase(
      LayerProblem problem, int group, java.util.function.IntPredicate isKept) {
    try (var _ = new PointerScope()) {
      var fit = new GroupFit(problem, .01, group);
      fit.refit(
          IntStream.range(0, problem.weight().columns() / group).filter(isKept).boxed().toList());
      return fit.increase();
    }
  }
}
