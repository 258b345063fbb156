package dev.falconer.compressor.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.Decoder;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NextTokenTrainingTest {
  private static final int SEED = 1;
  private static final int STEPS = 120;
  private static final int VOCABULARY = 4;
  private static final int CONTEXT = 8;

  /** 0 is followed by 1 and by 2 in turns: one token is not enough to know which. */
  private static final int[] TURNS = {0, 1, 0, 2};

  @Test
  void learnsWhatFollowsATokenByTheOneBeforeIt() {
    var text = new int[400];
    for (int i = 0; i < text.length; i++) {
      text[i] = TURNS[i % TURNS.length];
    }
    var losses = new ArrayList<Double>();
    Model start = new Decoder(VOCABULARY, CONTEXT, 16, 1, 2).build(SEED);

    Model fitted =
        new NextTokenTraining(STEPS, 4, CONTEXT, 1e-2, SEED)
            .fit(start, Decoder.TOKENS, Decoder.LOGITS, text, (_, loss) -> losses.add(loss));

    assertEquals(STEPS, losses.size());
    assertEquals(Math.log(VOCABULARY), losses.getFirst(), .5, "seed " + SEED);
    // Only a window's first token leaves a doubt, if it is 0: log 2 of every 16 tokens.
    assertTrue(losses.getLast() < .15, "seed " + SEED + ": " + losses.getLast());
    float[] logits = logits(fitted, text);
    for (int row = 1; row < CONTEXT; row++) {
      assertEquals(text[row + 1], largest(logits, row), "seed " + SEED + ", after token " + row);
    }
  }

  private static float[] logits(Model model, int[] text) {
    var window = new long[CONTEXT];
    for (int i = 0; i < CONTEXT; i++) {
      window[i] = text[i];
    }
    try (OrtRunner runner = OrtRunner.open(model, 1)) {
      TensorData read = TensorData.longs(Shape.of(1, CONTEXT), window);
      var output = runner.run(Map.of(Decoder.TOKENS, read)).get(Decoder.LOGITS);
      return ((NumericTensor) output).toFloats();
    }
  }

  private static int largest(float[] logits, int row) {
    int best = 0;
    for (int token = 1; token < VOCABULARY; token++) {
      if (logits[row * VOCABULARY + token] > logits[row * VOCABULARY + best]) {
        best = token;
      }
    }
    return best;
  }
}
