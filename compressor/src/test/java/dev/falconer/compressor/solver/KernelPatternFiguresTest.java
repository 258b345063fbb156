package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Errors of the patterns that kernels multiply, on the layer of {@link LayerData}, against those of
 * another program: the best of ALPS, removal and exchange there. Groups of four have no figure but
 * this program's own.
 */
class KernelPatternFiguresTest {
  /** Half of the figures' last digit. */
  private static final double ROUNDING = 5e-5;

  @ParameterizedTest
  @CsvSource({
    "8:16, .0009",
    "4:16, .0051",
    "2:16, .0167",
    "panel16@0.5, .0031",
    "panel16@0.25, .0133",
    "panel16@0.125, .0411",
    "panel16x4@0.25, .0280"
  })
  void staysAtTheMeasuredErrors(String text, double error) {
    Pattern pattern = Pattern.parse(text);

    LayerSolution solution =
        Alps.standard().solve(new LayerProblem(LayerData.weight(), LayerData.gram(), pattern));

    PatternCheck.check(solution.mask(), pattern, Pattern.Scope.LAYER, text);
    assertTrue(
        solution.relativeError() <= error + ROUNDING,
        text + ": " + solution.relativeError() + " against " + error);
  }
}
