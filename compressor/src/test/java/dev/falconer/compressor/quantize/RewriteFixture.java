package dev.falconer.compressor.quantize;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.solver.Matrix;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the tests of rewritings share: the layer of a small model, and its output before and after.
 */
final class RewriteFixture {
  private RewriteFixture() {}

  /** Returns a case's only layer; its inputs are the candidates'. */
  static LinearLayer layer(Case each) {
    return LinearLayers.find(each.graph(), Set.of("x")).layers().getFirst();
  }

  /** Returns Gaussian numbers. */
  static Matrix gaussian(Random random, int rows, int columns) {
    double[] values =
        IntStream.range(0, rows * columns).mapToDouble(_ -> random.nextGaussian()).toArray();
    return Matrix.over(rows, columns, values);
  }

  /** Returns the case's model with another weight. */
  static Model written(Case each, LinearLayer layer, Matrix weight) {
    return each.model().withGraph(LinearLayer.written(each.graph(), Map.of(layer, weight)));
  }

  /** Returns the output "y" of ONNX Runtime. */
  static double[] run(Model model, Map<String, TensorData> feeds) {
    try (Runner runner = OrtRunner.factory(1).open(model)) {
      return ((NumericTensor) runner.run(feeds).get("y")).toDoubles();
    }
  }

  /** Returns the root of the mean squared difference over that of what was wanted. */
  static double relativeError(double[] wanted, double[] got) {
    double squares = 0;
    double all = 0;
    for (int i = 0; i < wanted.length; i++) {
      squares += (wanted[i] - got[i]) * (wanted[i] - got[i]);
      all += wanted[i] * wanted[i];
    }
    return Math.sqrt(squares / all);
  }

  /** Returns how far the type that a case's weight is stored in is off, with room. */
  static double storedError(Case each) {
    String name = each.name();
    return name.endsWith("BFLOAT16") ? 5e-3 : name.endsWith("FLOAT16") ? 6e-4 : 1e-6;
  }
}
