package dev.falconer.compressor.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CandidateHalfTest {
  private static final CandidateHalf HALF = new CandidateHalf(7, 8, 2, 2, 16, 4, List.of(16, 8));

  @Test
  void allFormsComputeTheSame() {
    float[] plain = scores(HALF.model(CandidateHalf.Form.PLAIN, 3));
    assertEquals(5, plain.length);
    for (var form : CandidateHalf.Form.values()) {
      assertArrayEquals(plain, scores(HALF.model(form, 3)), 1e-5f, form.name());
    }
  }

  @Test
  void zerosStandInTheirPattern() {
    Model model = HALF.model(CandidateHalf.Form.PLAIN, 3);
    Model thinned = new Thinned(4, 2, 0, .25).of(model, 1);
    var weight = (NumericTensor) thinned.graph().initializers().get("head0.weight");
    float[] values = weight.toFloats(); // [12, 16]
    for (int first = 0; first < 16; first += 4) {
      int kept = 0;
      for (int pair = 0; pair < 6; pair++) {
        int zeros = 0;
        for (int i = 2 * pair; i < 2 * pair + 2; i++) {
          for (int o = first; o < first + 4; o++) {
            zeros += values[i * 16 + o] == 0 ? 1 : 0;
          }
        }
        assertEquals(0, zeros % 8, "inputs " + 2 * pair + " of outputs " + first);
        kept += zeros == 0 ? 1 : 0;
      }
      assertEquals(2, kept, "a quarter of six pairs, rounded");
    }
    assertEquals(
        model.graph().initializers().get("logit.weight"),
        thinned.graph().initializers().get("logit.weight"));
  }

  private static float[] scores(Model model) {
    var random = new Random(9);
    Map<String, TensorData> feeds = new HashMap<>();
    feeds.put("candidate", gaussian(random, 1, 5, 8));
    feeds.put("features", gaussian(random, 1, 5, 4));
    for (int layer = 0; layer < 2; layer++) {
      feeds.put("key." + layer, gaussian(random, 1, 2, 7, 4));
      feeds.put("value." + layer, gaussian(random, 1, 2, 7, 4));
    }
    try (OrtRunner runner = OrtRunner.open(model, 1)) {
      return ((NumericTensor) runner.run(feeds).get("logit")).toFloats();
    }
  }

  private static TensorData gaussian(Random random, long... shape) {
    var values = new float[(int) Shape.of(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(Shape.of(shape), values);
  }
}
