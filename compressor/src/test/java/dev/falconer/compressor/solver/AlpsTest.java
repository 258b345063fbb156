package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlpsTest extends SolverContract {
  @Override
  PruningSolver solver() {
    return Alps.standard();
  }

  @Override
  boolean keepsWeights() {
    return false;
  }

  @Test
  void ordersTheSolversOnCorrelatedInputs() {
    for (String pattern : new String[] {"50%layer", "70%layer", "90%layer", "2:4", "4:8", "1:4"}) {
      LayerProblem problem = new Problems.Case(64, 64, pattern, true, 5).problem();

      double magnitude = new Magnitude().solve(problem).relativeError();
      double wanda = new Wanda().solve(problem).relativeError();
      double sparseGpt = SparseGpt.standard().solve(problem).relativeError();
      double alps = solver().solve(problem).relativeError();
      Mask mask = Wanda.mask(problem, Pattern.Scope.LAYER);
      double fitted = new Backsolve(0).solve(problem, mask).relativeError();

      String what =
          "%s: %s, %s, %s, %s, %s".formatted(pattern, magnitude, wanda, sparseGpt, alps, fitted);
      assertTrue(
          alps < sparseGpt && sparseGpt < wanda && wanda < magnitude && alps <= fitted, what);
    }
  }

  @Test
  void findsAWeightThatIsSparseAlready() {
    var random = new Random(8);
    var sparse = new double[64 * 64];
    for (int i = 0; i < 400; i++) {
      sparse[random.nextInt(sparse.length)] = random.nextGaussian();
    }
    long count = IntStream.range(0, sparse.length).filter(i -> sparse[i] != 0).count();
    var pattern = new Pattern.Unstructured(1 - (double) count / sparse.length, Pattern.Scope.LAYER);
    LayerProblem dense = new Problems.Case(64, 64, "2:4", true, 8).problem();
    var problem = new LayerProblem(Matrix.over(64, 64, sparse), dense.gram(), pattern);

    LayerSolution solution = solver().solve(problem);

    assertEquals(Mask.ofNonZero(problem.weight()), solution.mask(), "seed 8");
    // Weights come from float: their squared rounding is left.
    assertTrue(solution.relativeError() < 1e-12, solution.relativeError() + "");
  }

  @Test
  void isAsGoodAsTheBestMaskOnUncorrelatedInputs() {
    for (long seed = 0; seed < 10; seed++) {
      var random = new Random(seed);
      double[] energy = random.doubles(48).map(u -> Math.exp(4 * u)).toArray();
      double[] weight = random.doubles(32 * 48).map(u -> u - .5).toArray();
      var problem =
          new LayerProblem(
              Matrix.over(32, 48, weight), Matrix.diagonal(energy), Pattern.parse("80%"));

      double best =
          new Wanda().solve(problem.withPattern(Pattern.parse("80%layer"))).relativeError();

      double error = solver().solve(problem).relativeError();
      assertTrue(error <= best * (1 + 1e-6), "seed %d: %s against %s".formatted(seed, error, best));
    }
  }

  @Test
  void comesNearTheBestSupportOfOneOutput() {
    double alps = 0;
    double sparseGpt = 0;
    int seeds = 60;
    for (long seed = 0; seed < seeds; seed++) {
      LayerProblem problem = new Problems.Case(1, 12, "2:3", true, seed).problem();
      problem = problem.withPattern(new Pattern.Unstructured(8. / 12, Pattern.Scope.LAYER));
      double best = Double.POSITIVE_INFINITY;
      for (int bits = 0; bits < 1 << 12; bits++) {
        if (Integer.bitCount(bits) == 4) {
          Mask mask = Mask.of(1, 12, java.util.BitSet.valueOf(new long[] {bits}));
          best = Math.min(best, new Backsolve(0).solve(problem, mask).relativeError());
        }
      }
      alps += solver().solve(problem).relativeError() / best / seeds;
      sparseGpt += SparseGpt.standard().solve(problem).relativeError() / best / seeds;
    }

    assertTrue(alps < 1.5 && alps < sparseGpt, alps + " against " + sparseGpt);
  }

  @Test
  void keepsTheSameWeightsWhenAScalePassesToTheInputs() {
    LayerProblem problem = new Problems.Case(32, 48, "70%", true, 13).problem();
    double[] scale = new Random(13).doubles(48).map(u -> Math.exp(6 * u - 3)).toArray();
    double[] weight = problem.weight().toArray();
    double[] gram = problem.gram().toArray();
    for (int i = 0; i < weight.length; i++) {
      weight[i] /= scale[i % 48];
    }
    for (int i = 0; i < gram.length; i++) {
      gram[i] *= scale[i / 48] * scale[i % 48];
    }
    var scaled =
        new LayerProblem(Matrix.over(32, 48, weight), Matrix.over(48, 48, gram), problem.pattern());

    Mask one = Alps.standard().withDamping(0).solve(problem).mask();
    Mask other = Alps.standard().withDamping(0).solve(scaled).mask();

    long equal =
        IntStream.range(0, 32 * 48)
            .filter(i -> one.keeps(i / 48, i % 48) == other.keeps(i / 48, i % 48))
            .count();
    assertTrue(equal >= .999 * 32 * 48, equal + " of " + 32 * 48);
  }

  @ParameterizedTest
  @ValueSource(strings = {"50%layer", "70%layer", "90%layer", "2:4", "4:8"})
  void bothSidesOfTheSplittingEndAlike(String pattern) {
    LayerProblem problem = new Problems.Case(64, 64, pattern, true, 5).problem();
    for (PenaltySchedule schedule :
        List.of(PenaltySchedule.standard(), PenaltySchedule.published())) {
      var frame = new Frame(problem, .01);
      float[] target = Floats.scaled(frame.target(), 1);
      try (var _ = new PointerScope()) {
        float[] right = Floats.scaled(Dense.array(frame.right()), 1);
        Projection projection = Projection.of(problem.pattern(), 64, 64);
        Splitting splitting =
            new Splitting(
                    frame.gramTensor().to(ScalarType.Float), target, right, projection, schedule)
                .run(300);

        var kept = new float[target.length];
        projection.project(splitting.shifted(), kept);
        double apart = 0;
        double all = 0;
        for (int i = 0; i < kept.length; i++) {
          double d = splitting.shifted()[i] * kept[i];
          apart += Math.pow(splitting.dense()[i] - d, 2);
          all += d * d;
        }
        double ratio = Math.sqrt(apart / all);
        assertTrue(ratio < 2e-2, "%s, %s: %s".formatted(pattern, schedule, ratio));
      }
    }
  }

  @Test
  void isMoreCarefulWhenItKnowsOfFewRows() {
    LayerProblem problem = new Problems.Case(16, 32, "70%", true, 3).problem();

    assertEquals(
        Alps.standard().withDamping(.01).solve(problem), solver().solve(problem.withRows(32)));
    assertEquals(solver().solve(problem), solver().solve(problem.withRows(64)));
  }
}
