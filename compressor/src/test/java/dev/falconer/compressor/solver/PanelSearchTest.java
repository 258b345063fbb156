package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PanelSearchTest {
  private final Pattern.Panel half = new Pattern.Panel(4, .5);
  private final LayerProblem problem =
      new Problems.Case(8, 10, "2:4", true, 6).problem().withPattern(half);

  @Test
  void removesTheCheapestInputOfEachPanelOneByOne() {
    LayerSolution removed = new PanelSearch(0).removed(problem, half).orElseThrow();

    for (int panel = 0; panel < 2; panel++) {
      // The same by fitting every support that is left after one more removal.
      int kept = (1 << 10) - 1;
      while (Integer.bitCount(kept) > 5) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 10; i++) {
          if ((kept >> i & 1) == 1) {
            double error = error(panel, kept & ~(1 << i));
            if (error < least) {
              best = i;
              least = error;
            }
          }
        }
        kept &= ~(1 << best);
      }
      assertEquals(kept, bits(removed.mask(), panel * 4), "panel " + panel);
    }
  }

  @Test
  void exchangesOnlyForTheBetter() {
    Mask bad = Wanda.mask(problem, Pattern.Scope.LAYER);
    LayerSolution start = new Backsolve(0).solve(problem, bad);

    LayerSolution exchanged = new PanelSearch(0).exchanged(problem, half, start);

    PatternCheck.check(exchanged.mask(), half, Pattern.Scope.LAYER, "exchanged");
    assertTrue(exchanged.relativeError() <= start.relativeError() * (1 + 1e-9));
    double best = 0;
    for (int panel = 0; panel < 2; panel++) {
      double least = Double.POSITIVE_INFINITY;
      for (int kept = 0; kept < 1 << 10; kept++) {
        if (Integer.bitCount(kept) == 5) {
          least = Math.min(least, error(panel, kept));
        }
      }
      best += least;
    }
    assertTrue(
        exchanged.relativeError() < 1.2 * best, exchanged.relativeError() + " against " + best);
  }

  @Test
  void leavesTheWeightsThatLeastSquaresGive() {
    LayerSolution removed = new PanelSearch(0).removed(problem, half).orElseThrow();

    assertEquals(
        new Backsolve(0).solve(problem, removed.mask()).relativeError(),
        removed.relativeError(),
        1e-9);
  }

  /** The error that a panel's outputs add when fitted on a support. */
  private double error(int panel, int kept) {
    var bits = new java.util.BitSet(80);
    for (int o = 4 * panel; o < 4 * panel + 4; o++) {
      for (int i = 0; i < 10; i++) {
        bits.set(o * 10 + i, (kept >> i & 1) == 1);
      }
    }
    for (int o = 4 - 4 * panel; o < 8 - 4 * panel; o++) {
      bits.set(o * 10, o * 10 + 10);
    }
    return new Backsolve(0).solve(problem, Mask.of(8, 10, bits)).relativeError();
  }

  private static int bits(Mask mask, int row) {
    int bits = 0;
    for (int i : mask.keptOf(row)) {
      bits |= 1 << i;
    }
    return bits;
  }
}
