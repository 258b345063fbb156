package dev.falconer.compressor.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.execute.SmallGraph;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.execute.TorchOptions;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The optimiser against a plain loop over doubles. */
class AdamTest {
  private static final int ROWS = 6;
  private static final int WIDTH = 3;
  private static final int STEPS = 40;

  /** Loss: the sum of sin of the rows read. */
  private static Model model() {
    return new SmallGraph(5)
        .input("rows", DType.INT64, "n")
        .parameter("table", -1, 1, ROWS, WIDTH)
        .node("Gather", "read", "table", "rows")
        .node("Sin", "y", "read")
        .model("y");
  }

  private static long[] rows(int step) {
    var random = new SplittableRandom(step);
    return new long[] {random.nextInt(ROWS), random.nextInt(ROWS), random.nextInt(ROWS)};
  }

  private static double rate(int step) {
    return .1 / (1 + step);
  }

  private static double[] byLibtorch(TorchOptions options) {
    try (var graph = TorchGraph.of(model(), options);
        var adam = new Adam(graph);
        var gradients = new Gradients(graph, Map.of(), Double.POSITIVE_INFINITY)) {
      Tensor table = adam.slots().get("table").weight();
      for (int step = 0; step < STEPS; step++) {
        try (var _ = new PointerScope()) {
          graph
              .forward(Map.of("rows", TensorData.vector(rows(step))), Set.of("y"))
              .get("y")
              .sum()
              .backward();
        }
        adam.step(step, rate(step));
        gradients.clear();
      }
      return dev.falconer.compressor.execute.Tensors.copy(table).toDoubles();
    }
  }

  private static double[] byLoop(boolean lazy) {
    double[] weight =
        ((dev.falconer.compressor.onnx.NumericTensor) model().graph().initializers().get("table"))
            .reshaped(Shape.of((long) ROWS * WIDTH))
            .toDoubles();
    var mean = new double[weight.length];
    var square = new double[weight.length];
    for (int step = 0; step < STEPS; step++) {
      var times = new int[ROWS];
      for (long row : rows(step)) {
        times[(int) row]++;
      }
      for (int i = 0; i < weight.length; i++) {
        if (lazy && times[i / WIDTH] == 0) {
          continue;
        }
        double gradient = times[i / WIDTH] * Math.cos(weight[i]);
        mean[i] = .9 * mean[i] + .1 * gradient;
        square[i] = .999 * square[i] + .001 * gradient * gradient;
        double meanHat = mean[i] / (1 - Math.pow(.9, step + 1));
        double squareHat = square[i] / (1 - Math.pow(.999, step + 1));
        weight[i] -= rate(step) * meanHat / (Math.sqrt(squareHat) + 1e-8);
      }
    }
    return weight;
  }

  private static void assertClose(double[] wanted, double[] got) {
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], got[i], 1e-12, "weight " + i);
    }
  }

  @Test
  void equalsAPlainLoop() {
    assertClose(byLoop(false), byLibtorch(TorchOptions.precise()));
  }

  @Test
  void movesOnlyTheRowsReadOfBigTables() {
    assertClose(byLoop(true), byLibtorch(new TorchOptions(true, ROWS, false)));
  }
}
