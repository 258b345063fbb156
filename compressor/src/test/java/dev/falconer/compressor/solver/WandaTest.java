package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WandaTest extends SolverContract {
  @Override
  PruningSolver solver() {
    return new Wanda();
  }

  @Override
  boolean keepsWeights() {
    return true;
  }

  @Override
  Pattern.Scope scope() {
    return Pattern.Scope.ROW;
  }

  @Test
  void weighsMagnitudeByTheInputsNormByHand() {
    // Scores |w| |x|: 1*6, 4*1, 3*1, 2*2.5.
    var problem =
        new LayerProblem(
            Matrix.of(1, 4, 1, -4, 3, 2), Matrix.diagonal(36, 1, 1, 6.25), new Pattern.NofM(2, 4));

    LayerSolution solution = solver().solve(problem);

    assertEquals(Matrix.of(1, 4, 1, 0, 0, 2), solution.weight());
    assertEquals((16 + 9) / (36 + 16 + 9 + 25.0), solution.relativeError(), 1e-12);
  }

  @Test
  void equalsMagnitudeWhereInputsAreAlike() {
    LayerProblem problem = new Problems.Case(8, 24, "2:4", true, 11).problem();
    var alike = new double[24];
    java.util.Arrays.fill(alike, 7);
    var same = new LayerProblem(problem.weight(), Matrix.diagonal(alike), problem.pattern());

    assertEquals(new Magnitude().solve(same), solver().solve(same));
    assertNotEquals(
        new Magnitude().solve(problem).mask(), solver().solve(problem).mask(), "seed 11");
  }

  @Test
  void beatsMagnitudeOnInputsOfUnequalScale() {
    double wanda = 0;
    double magnitude = 0;
    for (long seed = 0; seed < 10; seed++) {
      LayerProblem problem = new Problems.Case(16, 64, "2:4", true, seed).problem();
      wanda += solver().solve(problem).relativeError();
      magnitude += new Magnitude().solve(problem).relativeError();
    }

    assertTrue(wanda < .8 * magnitude, wanda + " against " + magnitude);
  }

  @Test
  void isTheBestMaskWhereInputsAreUncorrelated() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      double[] energy = random.doubles(4).map(u -> .1 + u).toArray();
      var problem =
          new LayerProblem(
              Matrix.over(1, 4, random.doubles(4).map(u -> u - .5).toArray()),
              Matrix.diagonal(energy),
              new Pattern.NofM(2, 4));

      double best = Double.POSITIVE_INFINITY;
      for (int one = 0; one < 4; one++) {
        for (int two = one + 1; two < 4; two++) {
          var kept = new double[4];
          kept[one] = problem.weight().at(0, one);
          kept[two] = problem.weight().at(0, two);
          best = Math.min(best, problem.relativeError(Matrix.over(1, 4, kept)));
        }
      }

      assertEquals(best, solver().solve(problem).relativeError(), 1e-12, "seed " + seed);
    }
  }

  @Test
  void isBlindToAScalePassedFromWeightsToInputs() {
    LayerProblem problem = new Problems.Case(6, 16, "2:4", true, 5).problem();
    double[] scale =
        new Random(5).doubles(16).map(u -> Math.pow(2, Math.rint(8 * u - 4))).toArray();
    double[] weight = problem.weight().toArray();
    double[] gram = problem.gram().toArray();
    for (int i = 0; i < weight.length; i++) {
      weight[i] /= scale[i % 16];
    }
    for (int i = 0; i < gram.length; i++) {
      gram[i] *= scale[i / 16] * scale[i % 16];
    }

    var scaled =
        new LayerProblem(Matrix.over(6, 16, weight), Matrix.over(16, 16, gram), problem.pattern());

    assertEquals(solver().solve(problem).mask(), solver().solve(scaled).mask(), "seed 5");
  }
}
