package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Errors against those of the published programs on the same bytes: the layer of {@link LayerData}.
 */
class PublishedFiguresTest {
  @ParameterizedTest
  @CsvSource({
    "50%, .84, 1.01",
    "60%, .87, 1.01",
    "70%, .90, 1.01",
    "80%, .93, 1.01",
    "90%, .96, 1.01",
    "2:4, .90, 1.01",
    "4:8, .88, 1.01"
  })
  void staysBelowThePublishedErrors(String pattern, double alps, double others) {
    LayerProblem problem = problem(pattern);

    assertRatio("alps_official", pattern, Alps.standard().solve(problem), 0, alps);
    assertRatio("alps_official", pattern, Alps.published().solve(problem), .99, 1.01);
    assertRatio("sparsegpt_official", pattern, SparseGpt.standard().solve(problem), 0, others);
    assertRatio("wanda_official", pattern, new Wanda().solve(problem), 0, others);
  }

  @ParameterizedTest
  @CsvSource({"80%, .91", "90%, .92"})
  void theExchangeTakesMoreOffAtHighSparsity(String pattern, double most) {
    LayerSolution solution =
        Alps.standard().withPolish(Exchange.standard()).solve(problem(pattern));

    assertRatio("alps_official", pattern, solution, 0, most);
  }

  private void assertRatio(
      String method, String pattern, LayerSolution solution, double least, double most) {
    PatternCheck.check(
        solution.mask(),
        Pattern.parse(pattern),
        method.startsWith("wanda") ? Pattern.Scope.ROW : Pattern.Scope.LAYER,
        method);
    double ratio = solution.relativeError() / published(method, pattern);
    assertTrue(
        ratio >= least && ratio <= most,
        method + " at " + pattern + ": " + ratio + " of published");
  }

  private double published(String method, String pattern) {
    JsonNode results = LayerData.json("layer/p512.results.json").get("p512");
    for (JsonNode run : results.get("runs")) {
      boolean isSame =
          pattern.endsWith("%")
              ? run.get("nm").isNull()
                  && Math.abs(run.get("sparsity").asDouble() * 100 - percent(pattern)) < 1e-6
              : run.get("nm").asText().equals(pattern);
      if (isSame && run.get("method").asText().equals(method)) {
        return run.get("relative_error").asDouble();
      }
    }
    throw new IllegalArgumentException("no figure of " + method + " at " + pattern);
  }

  private static double percent(String pattern) {
    return Double.parseDouble(pattern.substring(0, pattern.length() - 1));
  }

  private LayerProblem problem(String pattern) {
    var problem = new LayerProblem(LayerData.weight(), LayerData.gram(), Pattern.parse(pattern));
    assertEquals(33542980.220730986, problem.energy(), 1e-3);
    return problem;
  }
}
