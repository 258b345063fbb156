package dev.falconer.compressor.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.calibrate.PairedStatistics;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.PruningSolver;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of all solvers ALPS loses least on every layer of models by others. */
class RealModelSolversTest {
  private static final long SEED = 21;

  private static final double ROUNDING = 1e-5;

  /** Where rows are few a solver may find a weight that loses nothing. */
  private static final double NOTHING = 1e-9;

  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.fixture.RealModels#runnable")
  void alpsHasTheLowestErrorOfEveryLayer(String name) throws IOException {
    Model model = RealModels.read(name);
    List<LinearLayer> layers = LinearLayers.find(model.graph(), Set.of()).layers();
    Map<LinearLayer, PairedStatistics> statistics =
        new PairedCalibration(model, OrtRunner.factory(1))
            .run(model, layers, RealModels.examples(model.graph(), 16, SEED));

    for (LinearLayer layer : layers) {
      Matrix weight = layer.read(model.graph());
      for (String pattern : List.of("50%layer", "70%row", "2:4")) {
        if (pattern.equals("2:4") && layer.in() % 4 != 0) {
          continue;
        }
        PairedStatistics seen = java.util.Objects.requireNonNull(statistics.get(layer));
        LayerProblem problem =
            new LayerProblem(weight, seen.gram(), Pattern.parse(pattern)).withRows(seen.rows());
        double alps = error("alps", problem);
        for (String other : List.of("magnitude", "wanda", "sparsegpt")) {
          double error = error(other, problem);
          assertTrue(
              alps <= error * (1 + ROUNDING) + NOTHING,
              "%s, %s [%d, %d] at %s: alps %s, %s %s (seed %d)"
                  .formatted(
                      name,
                      layer.weight(),
                      layer.out(),
                      layer.in(),
                      pattern,
                      alps,
                      other,
                      error,
                      SEED));
        }
      }
    }
  }

  private static double error(String solver, LayerProblem problem) {
    return PruningSolver.parse(solver).solve(problem).relativeError();
  }
}
