package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GridFitTest {
  @Test
  void spansTheRangeOfEveryOutputAndZero() {
    Matrix weight = Matrix.of(3, 4, -3, 0, 4.5, 1, 2, 3, 7.5, 1, 0, 0, 0, 0);

    Grid grid = GridFit.perOutput(4).grid(weight);

    assertEquals(.5f, grid.scale(0, 0));
    assertEquals(6, grid.zero(0, 0));
    assertEquals(.5f, grid.scale(1, 0));
    assertEquals(0, grid.zero(1, 0));
    assertEquals(Matrix.of(3, 4, -3, 0, 4.5, 1, 2, 3, 7.5, 1, 0, 0, 0, 0), grid.rounded(weight));
  }

  @Test
  void roundsToTheNearestValueAndClipsAtTheEnds() {
    Grid grid = GridFit.perOutput(2).grid(Matrix.of(1, 2, -1, 2));

    assertEquals(Matrix.of(1, 2, -1, 2), grid.rounded(Matrix.of(1, 2, -9, 9)));
    assertEquals(Matrix.of(1, 2, 0, 1), grid.rounded(Matrix.of(1, 2, .4, .6)));
    assertEquals(3, grid.code(0, 1, 2));
    assertEquals(1, grid.zero(0, 0));
  }

  @Test
  void putsZeroInTheMiddleWhenSymmetric() {
    var fit = new GridFit(4, 0, GridFit.Symmetry.SYMMETRIC, GridFit.Search.MINMAX);

    Grid positive = fit.grid(Matrix.of(1, 2, 1, 7.5));

    assertEquals(8, positive.zero(0, 0));
    assertEquals(1f, positive.scale(0, 0));
    assertEquals(0, positive.value(0, 0, 8));
    assertEquals(-8, positive.value(0, 0, 0));
  }

  @Test
  void givesEveryGroupOfInputsAScale() {
    Grid grid = GridFit.perOutput(4).withGroup(2).grid(Matrix.of(1, 4, 0, 15, 0, 30));

    assertEquals(2, grid.groups());
    assertEquals(1f, grid.scale(0, 0));
    assertEquals(2f, grid.scale(0, 1));
  }

  @Test
  void shrinksTheRangeToTheLeastSumOfPowers() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      double[] values = new double[200];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
      }
      Matrix weight = Matrix.over(1, 200, values);
      for (int bits : new int[] {2, 3, 4, 8}) {
        Grid grid = GridFit.perOutput(bits).withSearch(GridFit.Search.MSE).grid(weight);

        double best = Double.POSITIVE_INFINITY;
        double least = java.util.Arrays.stream(values).min().orElseThrow();
        double largest = java.util.Arrays.stream(values).max().orElseThrow();
        int last = (1 << bits) - 1;
        for (int shrink = 0; shrink < 80; shrink++) {
          double share = 1 - shrink / 100.0;
          float scale = (float) (share * (largest - least) / last);
          float zero = (float) Math.rint(-share * least / scale);
          var tried = new Grid(bits, 1, 200, 200, new float[] {scale}, new float[] {zero});
          best = Math.min(best, power(weight, tried));
        }
        double found = power(weight, grid);
        assertTrue(found <= best * (1 + 1e-4), found + " against " + best + ", seed " + seed);
      }
    }
  }

  @Test
  void searchesNothingWhereAllIsZero() {
    Grid grid = GridFit.perOutput(4).withSearch(GridFit.Search.MSE).grid(Matrix.of(1, 3, 0, 0, 0));

    assertEquals(Matrix.of(1, 3, 0, 0, 0), grid.rounded(Matrix.of(1, 3, 0, 0, 0)));
    assertTrue(grid.scale(0, 0) > 0);
  }

  @Test
  void refusesAGroupThatDoesNotDivideTheInputs() {
    GridFit fit = GridFit.perOutput(4).withGroup(3);
    Matrix weight = Matrix.of(1, 4, 1, 2, 3, 4);

    assertThrows(IllegalArgumentException.class, () -> fit.grid(weight));
  }

  private static double power(Matrix weight, Grid grid) {
    Matrix rounded = grid.rounded(weight);
    double sum = 0;
    for (int i = 0; i < weight.columns(); i++) {
      sum += Math.pow(Math.abs(weight.at(0, i) - rounded.at(0, i)), 2.4);
    }
    return sum;
  }
}
