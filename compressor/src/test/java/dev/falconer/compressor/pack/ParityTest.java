package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.CandidateHalf;
import dev.falconer.compressor.zoo.Thinned;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packed float32 graphs against the pruned weights in plain ONNX Runtime. */
class ParityTest {
  private static final CandidateHalf HALF =
      new CandidateHalf(24, 32, 2, 2, 64, 16, List.of(48, 16));
  private static final int REQUESTS = 10_000;
  private static final int FEW = 500;
  private static final long SEED = 17;

  static List<Thinned> patterns() {
    return List.of(
        new Thinned(16, 1, 0, 1), new Thinned(16, 1, 0, .25), new Thinned(1, 1, 16, .25));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void requestsScoreTheSameTenThousandOfThemWithPanels(Thinned pattern) {
    int requests = pattern.outputs() == 16 && pattern.density() < 1 ? REQUESTS : FEW;
    Model plain = pattern.of(HALF.model(CandidateHalf.Form.PLAIN, SEED), SEED);
    Packed packed = Packing.of(plain, PackOptions.FLOATS);
    assertEquals(3, packed.report().nodes().size(), packed.report().toString());
    var random = new Random(SEED);
    double largest = 0;
    try (OrtRunner one = OrtRunner.open(plain, 1);
        OrtRunner other = OrtRunner.open(packed.model(), 1)) {
      for (int request = 0; request < requests; request++) {
        Map<String, TensorData> feeds = feeds(random, random.nextInt(1, 9));
        float[] wanted = scores(one, feeds);
        float[] got = scores(other, feeds);
        for (int i = 0; i < wanted.length; i++) {
          largest = Math.max(largest, Math.abs(wanted[i] - got[i]));
        }
      }
    }
    assertTrue(largest <= 1e-5, pattern + ": " + largest + ", seed " + SEED);
  }

  private static float[] scores(OrtRunner runner, Map<String, TensorData> feeds) {
    return ((NumericTensor) runner.run(feeds).get("logit")).toFloats();
  }

  private static Map<String, TensorData> feeds(Random random, int candidates) {
    var feeds = new HashMap<String, TensorData>();
    feeds.put("candidate", gaussian(random, 1, candidates, HALF.width()));
    feeds.put("features", gaussian(random, 1, candidates, HALF.features()));
    for (int layer = 0; layer < HALF.layers(); layer++) {
      for (String what : List.of("key.", "value.")) {
        feeds.put(what + layer, gaussian(random, 1, 2, HALF.tokens(), 16));
      }
    }
    return feeds;
  }

  private static TensorData gaussian(Random random, long... shape) {
    var values = new float[(int) Shape.of(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(Shape.of(shape), values);
  }
}
