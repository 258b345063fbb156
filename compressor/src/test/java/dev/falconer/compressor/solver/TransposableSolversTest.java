package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TransposableSolversTest {
  @Test
  void alpsIsBestThenSparseGptThenWandaOnCorrelatedInputs() {
    for (String pattern : List.of("2:4", "4:8", "8:16")) {
      LayerProblem plain = new Problems.Case(64, 64, pattern, true, 5).problem();
      LayerProblem both = plain.withPattern(Pattern.parse(pattern + "t"));

      double alps = Alps.standard().solve(both).relativeError();
      double sparseGpt = SparseGpt.standard().solve(both).relativeError();
      double wanda = new Wanda().solve(both).relativeError();

      String at = "%s: %s, %s, %s, seed 5".formatted(pattern, alps, sparseGpt, wanda);
      assertTrue(alps < sparseGpt && sparseGpt < wanda, at);
      assertTrue(Alps.standard().solve(plain).relativeError() < alps, at);
    }
  }

  @Test
  void alpsIsAsGoodAsMeasuredOnARealLayer() {
    var problem =
        new LayerProblem(LayerData.weight(), LayerData.gram(), Pattern.parse("8:16t"))
            .withRows(4096);

    double error = Alps.standard().solve(problem).relativeError();

    assertTrue(error <= .0042, error + " at 8:16t");
  }
}
