package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

/** Figures of an independent fp64 implementation on a layer [16, 32] of 96 rows. */
class ReferenceLayerTest {
  private final JsonNode reference = read("pruning");
  private final JsonNode layer = read("layer");

  @Test
  void magnitudeAndWandaGiveTheReferencesErrors() {
    for (JsonNode expected : reference.get("cases")) {
      LayerProblem problem = problem(expected.get("cfg"));

      LayerSolution magnitude = new Magnitude().solve(problem);
      LayerSolution wanda = new Wanda().solve(problem);

      String what = expected.get("cfg").toString();
      assertEquals(error(expected, "magnitude"), magnitude.relativeError(), 1e-12, what);
      assertEquals(error(expected, "wanda"), wanda.relativeError(), 1e-12, what);
      assertEquals(expected.get("nnz").get("magnitude").asInt(), magnitude.mask().count(), what);
      assertEquals(expected.get("nnz").get("wanda").asInt(), wanda.mask().count(), what);
    }
  }

  @Test
  void sparseGptGivesTheReferencesWeightsInGroups() {
    for (JsonNode expected : reference.get("cases")) {
      if (!expected.get("cfg").has("nm")) {
        continue;
      }
      LayerProblem problem = problem(expected.get("cfg"));

      LayerSolution solution = SparseGpt.standard().solve(problem);

      assertArrayEquals(
          matrix(expected.get("sparsegpt_W")).toArray(), solution.weight().toArray(), 1e-12);
      assertEquals(error(expected, "sparsegpt"), solution.relativeError(), 1e-12);
      try (var _ = new PointerScope()) {
        assertEquals(
            expected.get("sparsegpt_half_loss_damped").asDouble(),
            SparseGpt.standard().sweep(problem).loss() / 2,
            1e-10);
      }
    }
  }

  /** The published code keeps one weight fewer per block: its threshold is inclusive. */
  @Test
  void sparseGptKeepsOneWeightMoreThanTheReferenceWithoutGroups() {
    for (JsonNode expected : reference.get("cases")) {
      if (expected.get("cfg").has("nm")) {
        continue;
      }
      LayerSolution solution = SparseGpt.standard().solve(problem(expected.get("cfg")));

      assertEquals(expected.get("nnz").get("sparsegpt").asInt() + 1, solution.mask().count());
      assertEquals(
          error(expected, "sparsegpt"),
          solution.relativeError(),
          .02 * error(expected, "sparsegpt"));
    }
  }

  @Test
  void alpsIsAsGoodAsTheReferenceAndOrdersTheSolvers() {
    for (JsonNode expected : reference.get("cases")) {
      LayerProblem problem = problem(expected.get("cfg"));

      double published = Alps.published().solve(problem).relativeError();
      double standard = Alps.standard().solve(problem).relativeError();

      String what = expected.get("cfg") + ": " + published + ", " + standard;
      assertEquals(error(expected, "alps"), published, .03 * error(expected, "alps"), what);
      double sparseGpt = SparseGpt.standard().solve(problem).relativeError();
      double wanda = new Wanda().solve(problem).relativeError();
      double magnitude = new Magnitude().solve(problem).relativeError();
      assertTrue(standard < sparseGpt && sparseGpt < wanda && wanda < magnitude, what);
    }
  }

  @Test
  void leastSquaresOnWandasMaskGivesTheReferencesWeights() {
    JsonNode expected = reference.get("cases").get(1);
    LayerProblem problem = problem(expected.get("cfg"));
    Mask mask = Mask.ofNonZero(matrix(expected.get("wanda_mask")));

    LayerSolution solution = new Backsolve(.01).solve(problem, mask);

    assertEquals(new Wanda().solve(problem).mask(), mask);
    assertArrayEquals(
        matrix(expected.get("backsolve_on_wanda_W")).toArray(), solution.weight().toArray(), 1e-12);
  }

  @Test
  void conjugateGradientsReachTheLeastSquaresWeightsMonotonically() {
    for (JsonNode expected : reference.get("cases")) {
      LayerProblem problem = problem(expected.get("cfg"));
      Mask mask = Alps.standard().solve(problem).mask();
      Matrix exact = new Backsolve(1e-3).solve(problem, mask).weight();

      Matrix reached = new MaskedPcg(1e-3, 200, 0).solve(problem, mask).weight();

      double scale = 0;
      for (double value : exact.toArray()) {
        scale = Math.max(scale, Math.abs(value));
      }
      assertArrayEquals(exact.toArray(), reached.toArray(), 1e-11 * scale);
      double before = Double.POSITIVE_INFINITY;
      for (int steps = 0; steps <= 20; steps++) {
        double now = new MaskedPcg(0, steps, 0).solve(problem, mask).relativeError();
        assertTrue(now <= before * (1 + 1e-12), expected.get("cfg") + " at " + steps);
        before = now;
      }
      assertEquals(new Backsolve(0).solve(problem, mask).relativeError(), before, .05 * before);
    }
  }

  private LayerProblem problem(JsonNode config) {
    Matrix inputs = matrix(layer.get("X"));
    Pattern pattern =
        config.has("sp")
            ? new Pattern.Unstructured(config.get("sp").asDouble(), Pattern.Scope.DEFAULT)
            : new Pattern.NofM(config.get("nm").get(0).asInt(), config.get("nm").get(1).asInt());
    return new LayerProblem(
        matrix(layer.get("W")), Dense.product(inputs.transposed(), inputs), pattern);
  }

  private static double error(JsonNode expected, String solver) {
    return expected.get("err").get(solver).asDouble();
  }

  private static Matrix matrix(JsonNode rows) {
    List<Double> values = new ArrayList<>();
    rows.forEach(row -> row.forEach(value -> values.add(value.asDouble())));
    return Matrix.over(
        rows.size(),
        rows.get(0).size(),
        values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            ReferenceLayerTest.class.getResourceAsStream("/solver/" + name + ".json"))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
