package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.TensorData;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Compares the autograd derivative along a random direction with central differences. */
public final class Derivatives {
  /** Step of the differences; their error is its square, rounding adds 1e-16 over it. */
  private static final double STEP = 1e-5;

  private Derivatives() {}

  /** Returns |autograd - differences| relative to the larger of them, at least 1e-3. */
  public static double error(
      TorchGraph graph,
      Map<String, TensorData> feeds,
      Set<String> wanted,
      Function<Values, Tensor> loss,
      long seed) {
    var random = new SplittableRandom(seed);
    try (var _ = new PointerScope()) {
      var directions = new LinkedHashMap<Tensor, Tensor>();
      for (Tensor parameter : graph.parameters().values()) {
        var values = new double[Math.toIntExact(parameter.numel())];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextDouble(-1, 1);
        }
        directions.put(parameter, torch.tensor(values).reshape(Tensors.dims(parameter)));
      }
      loss.apply(graph.forward(feeds, wanted)).backward();
      double slope = 0;
      for (var entry : directions.entrySet()) {
        Tensor gradient = entry.getKey().grad();
        if (gradient.defined()) {
          slope += gradient.mul(entry.getValue()).sum().item_double();
        }
      }
      double up = shifted(graph, feeds, wanted, loss, directions, STEP);
      double down = shifted(graph, feeds, wanted, loss, directions, -2 * STEP);
      shift(directions, STEP);
      double differences = (up - down) / (2 * STEP);
      double scale = Math.max(1e-3, Math.max(Math.abs(slope), Math.abs(differences)));
      return Math.abs(slope - differences) / scale;
    }
  }

  private static double shifted(
      TorchGraph graph,
      Map<String, TensorData> feeds,
      Set<String> wanted,
      Function<Values, Tensor> loss,
      Map<Tensor, Tensor> directions,
      double step) {
    shift(directions, step);
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      return loss.apply(graph.forward(feeds, wanted)).item_double();
    }
  }

  private static void shift(Map<Tensor, Tensor> directions, double step) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      directions.forEach((parameter, direction) -> parameter.add_(direction, new Scalar(step)));
    }
  }
}
