package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DykstraTest {
  private static final Device CPU = new Device("cpu");

  @ParameterizedTest
  @CsvSource({"2,4", "1,8", "4,8", "8,16", "4,16", "16,32"})
  void keepsExactlyNAndComesWithinHalfAPercentOfTheOptimum(int kept, int group) {
    int blocks = 4096 / group;
    float[] scores =
        TransposableMaskTest.Scores.NORMAL.draw(blocks * group * group, new Random(group));

    float[] mask = Dykstra.standard().masks(scores, kept, group, CPU);

    String at = "seed " + group;
    TransposableMaskTest.assertRegular(mask, blocks * group, group, kept, group, at);
    float[] exact = TransposableMaskTest.solved(scores, blocks * group, group, kept, group);
    double optimum = TransposableBaselines.value(scores, exact);
    assertTrue(TransposableBaselines.value(scores, mask) > .995 * optimum, at);
    for (int b = 0; b < blocks && kept * 2 == group; b++) {
      double best = value(scores, exact, b, group);
      assertTrue(value(scores, mask, b, group) > .9 * best, at + " block " + b);
    }
  }

  @ParameterizedTest
  @CsvSource({"4,8", "8,16", "16,32"})
  void comesWithinHalfAPercentOnARealLayer(int kept, int group) {
    double[] weight = LayerData.weight().toArray();
    var scores = new float[weight.length];
    for (int i = 0; i < scores.length; i++) {
      int row = i / 512;
      int column = i % 512;
      int block = row / group * (512 / group) + column / group;
      scores[(block * group + row % group) * group + column % group] = (float) Math.abs(weight[i]);
    }
    int tall = scores.length / group;

    float[] mask = Dykstra.standard().masks(scores, kept, group, CPU);

    double optimum =
        TransposableBaselines.value(
            scores, TransposableMaskTest.solved(scores, tall, group, kept, group));
    double value = TransposableBaselines.value(scores, mask);
    assertTrue(value > .995 * optimum, value / optimum + " of the optimum");
  }

  @Test
  void roundsRegularlyWhereScoresSayNothing() {
    for (var kind : TransposableMaskTest.Scores.values()) {
      float[] scores = kind.draw(40 * 64, new Random(1));

      float[] mask = Dykstra.standard().masks(scores, 3, 8, CPU);

      TransposableMaskTest.assertRegular(mask, 320, 8, 3, 8, kind + " seed 1");
    }
  }

  @Test
  void fillsWhatGreedLeavesByTheBestExchange() {
    try (var _ = new PointerScope()) {
      int blocks = 200;
      Tensor scores = blocks(blocks, 8, 5);
      float[] plain = TransposableMaskTest.Scores.NORMAL.draw(blocks * 64, new Random(5));
      double optimum =
          TransposableBaselines.value(
              plain, TransposableMaskTest.solved(plain, blocks * 8, 8, 4, 8));

      double greedy = BatchRounding.greedy(scores, 4).mul(scores).sum().item_double();
      double filled = BatchRounding.round(scores, scores, 4).mul(scores).sum().item_double();

      // Measured with an independent reference: greed 1.36 %, filled .95 % below the optimum.
      assertTrue(greedy < filled, greedy + " filled to " + filled + ", seed 5");
      assertTrue(filled > .988 * optimum, filled / optimum + " of the optimum, seed 5");
    }
  }

  @Test
  void isBlindToTheScoresScale() {
    float[] scores = TransposableMaskTest.Scores.NORMAL.draw(640, new Random(2));
    var scaled = new float[640];
    for (int i = 0; i < 640; i++) {
      scaled[i] = Math.scalb(scores[i], 40);
    }

    var one = Dykstra.standard().masks(scores, 4, 8, CPU);
    var other = Dykstra.standard().masks(scaled, 4, 8, CPU);

    assertEquals(
        TransposableBaselines.value(scores, one), TransposableBaselines.value(scores, other), 0);
  }

  @Test
  void staysInTheBoxAndBalancesAsIterationsGrow() {
    try (var _ = new PointerScope()) {
      Tensor blocks = blocks(50, 8, 3);
      double before = Double.POSITIVE_INFINITY;
      for (int iterations : new int[] {3, 30, 300, 3000}) {
        Tensor logs = new Dykstra(20, iterations, 0).logarithms(blocks, 4);

        assertTrue(logs.max().item_double() <= 0, "seed 3");
        double imbalance = Dykstra.imbalance(logs, 4);
        assertTrue(imbalance < before, imbalance + " after " + iterations + ", seed 3");
        before = imbalance;
      }
      assertTrue(before < 2e-3, "off by " + before + ", seed 3");
    }
  }

  @Test
  void sharperIsNearerTheOptimumWhenConverged() {
    try (var _ = new PointerScope()) {
      Tensor blocks = blocks(50, 8, 4);
      double before = 0;
      for (double sharpness : new double[] {2, 5, 10, 20, 40}) {
        Tensor logs = new Dykstra(sharpness, 2000, 0).logarithms(blocks, 4);

        double value = logs.exp().mul(blocks).sum().item_double();
        assertTrue(value >= before * (1 - 1e-5), value + " after " + before + ", seed 4");
        before = value;
      }
    }
  }

  @Test
  void refusesParametersOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> new Dykstra(0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Dykstra(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Dykstra(1, 1, Double.NaN));
  }

  private static Tensor blocks(int blocks, int group, long seed) {
    float[] scores =
        TransposableMaskTest.Scores.NORMAL.draw(blocks * group * group, new Random(seed));
    var memory = new FloatPointer(scores);
    return torch.from_blob(
        memory, new long[] {blocks, group, group}, new TensorOptions(ScalarType.Float));
  }

  private static double value(float[] scores, float[] mask, int block, int group) {
    double sum = 0;
    for (int i = block * group * group; i < (block + 1) * group * group; i++) {
      sum += scores[i] * mask[i];
    }
    return sum;
  }
}
