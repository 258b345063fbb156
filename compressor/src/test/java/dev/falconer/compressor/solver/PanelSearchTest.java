package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PanelSearchTest {
  private static final int IN = 10;

  /** 5 of 10 inputs; 3 of 5 groups; 2 of 4 groups, of which the last has one input. */
  private static final String ONE = "panel4@0.5";

  private static final String TWO = "panel4x2@0.6";
  private static final String THREE = "panel4x3@0.5";

  private final LayerProblem problem = new Problems.Case(8, IN, "2:4", true, 6).problem();

  private static Pattern.Panel panel(String text) {
    return (Pattern.Panel) Pattern.parse(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE, TWO, THREE})
  void removesTheCheapestGroupOfEachPanelOneByOne(String text) {
    Pattern.Panel pattern = panel(text);

    LayerSolution removed = new PanelSearch(0).removed(problem, pattern).orElseThrow();

    for (int panel = 0; panel < 2; panel++) {
      // The same by fitting every support that is left after one more removal.
      int groups = groups(pattern);
      int kept = (1 << groups) - 1;
      while (Integer.bitCount(kept) > pattern.keptOf(IN)) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int g = 0; g < groups; g++) {
          if (((kept >> g) & 1) == 1) {
            double error = error(pattern, panel, kept & ~(1 << g));
            if (error < least) {
              best = g;
              least = error;
            }
          }
        }
        kept &= ~(1 << best);
      }
      assertEquals(inputs(pattern, kept), bits(removed.mask(), panel * 4), "panel " + panel);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE, TWO, THREE})
  void exchangesOnlyForTheBetter(String text) {
    Pattern.Panel pattern = panel(text);
    LayerProblem own = problem.withPattern(pattern);
    Mask bad = Wanda.mask(own, Pattern.Scope.LAYER);
    LayerSolution start = new Backsolve(0).solve(own, bad);

    LayerSolution exchanged = new PanelSearch(0).exchanged(own, pattern, start);

    PatternCheck.check(exchanged.mask(), pattern, Pattern.Scope.LAYER, "exchanged");
    assertTrue(exchanged.relativeError() <= start.relativeError() * (1 + 1e-9));
    double best = 0;
    for (int panel = 0; panel < 2; panel++) {
      double least = Double.POSITIVE_INFINITY;
      for (int kept = 0; kept < 1 << groups(pattern); kept++) {
        if (Integer.bitCount(kept) == pattern.keptOf(IN)) {
          least = Math.min(least, error(pattern, panel, kept));
        }
      }
      best += least;
    }
    assertTrue(
        exchanged.relativeError() < 1.2 * best, exchanged.relativeError() + " against " + best);
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE, TWO, THREE})
  void leavesTheWeightsThatLeastSquaresGive(String text) {
    LayerSolution removed = new PanelSearch(0).removed(problem, panel(text)).orElseThrow();

    assertEquals(
        new Backsolve(0).solve(problem, removed.mask()).relativeError(),
        removed.relativeError(),
        1e-9);
  }

  @Test
  void leavesASolutionWhoseInputsDependOnEachOther() {
    Pattern.Panel pattern = panel(TWO);
    double[] gram = problem.gram().toArray();
    for (int i = 0; i < IN; i++) {
      gram[IN + i] = gram[i]; // input 1 is input 0
    }
    for (int i = 0; i < IN; i++) {
      gram[i * IN + 1] = gram[i * IN];
    }
    var own = new LayerProblem(problem.weight(), Matrix.over(IN, IN, gram), pattern);
    LayerSolution start = new Backsolve(1e-3).solve(own, Mask.full(8, IN));

    assertSame(start, new PanelSearch(0).exchanged(own, pattern, start));
    assertTrue(new PanelSearch(0).removed(own, pattern).isEmpty());
  }

  private static int groups(Pattern.Panel pattern) {
    return (IN + pattern.group() - 1) / pattern.group();
  }

  private static int inputs(Pattern.Panel pattern, int groups) {
    int bits = 0;
    for (int i = 0; i < IN; i++) {
      bits |= ((groups >> (i / pattern.group())) & 1) << i;
    }
    return bits;
  }

  /** The error that a panel's outputs add when fitted on a support of groups. */
  private double error(Pattern.Panel pattern, int panel, int groups) {
    int kept = inputs(pattern, groups);
    var bits = new java.util.BitSet(80);
    for (int o = 4 * panel; o < 4 * panel + 4; o++) {
      for (int i = 0; i < IN; i++) {
        bits.set(o * IN + i, ((kept >> i) & 1) == 1);
      }
    }
    for (int o = 4 - 4 * panel; o < 8 - 4 * panel; o++) {
      bits.set(o * IN, o * IN + IN);
    }
    return new Backsolve(0).solve(problem, Mask.of(8, IN, bits)).relativeError();
  }

  private static int bits(Mask mask, int row) {
    return Arrays.stream(mask.keptOf(row)).map(i -> 1 << i).sum();
  }
}
