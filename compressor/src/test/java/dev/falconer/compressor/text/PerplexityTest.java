package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.Decoder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerplexityTest {
  private static final int VOCABULARY = 4;
  private static final NumericTensor WINDOWS =
      TensorData.longs(Shape.of(3, 3), 0, 1, 2, 3, 0, 1, 2, 2, 3);

  /** Gives the token after each, counted up, odds of {@code odds} to 1 over each other token. */
  private record CountsUp(double odds) implements Runner {
    @Override
    public Map<String, TensorData> run(Map<String, TensorData> feeds) {
      long[] tokens = ((NumericTensor) feeds.get(Decoder.TOKENS)).toLongs();
      var logits = new float[tokens.length * VOCABULARY];
      for (int i = 0; i < tokens.length; i++) {
        logits[i * VOCABULARY + (int) (tokens[i] + 1) % VOCABULARY] = (float) Math.log(odds);
      }
      return Map.of(Decoder.LOGITS, TensorData.floats(Shape.of(tokens.length, VOCABULARY), logits));
    }

    @Override
    public void close() {}
  }

  @Test
  void aModelThatKnowsNothingHasThePerplexityOfItsVocabulary() {
    assertEquals(VOCABULARY, Perplexity.of(new CountsUp(1), WINDOWS).value(), 1e-6);
  }

  @Test
  void everyTokenIsPredictedFromTheOneBefore() {
    // Of six predictions five are the token after; 7 to 1, 1, 1 is 7/10 and 1/10.
    double loss = -(5 * Math.log(.7) + Math.log(.1)) / 6;

    assertEquals(Math.exp(loss), Perplexity.of(new CountsUp(7), WINDOWS).value(), 1e-6);
  }

  @Test
  void differencesAreOfTheSameWindows() {
    Perplexity sure = Perplexity.of(new CountsUp(7), WINDOWS);
    Perplexity unsure = Perplexity.of(new CountsUp(1), WINDOWS);

    Perplexity.Difference more = unsure.over(sure);

    assertEquals(Math.log(unsure.value() / sure.value()), more.nats(), 1e-6);
    // Two windows save log(4 * .7), the third half of that and half of log(4 * .1).
    double right = Math.log(4 * .7);
    double third = (right + Math.log(4 * .1)) / 2;
    double mean = (2 * right + third) / 3;
    double variance = (2 * Math.pow(right - mean, 2) + Math.pow(third - mean, 2)) / 2;
    assertEquals(Math.sqrt(variance / 3), more.error(), 1e-6);
    assertFalse(more.isNoise());
    assertTrue(new Perplexity.Difference(.1, .06).isNoise());
  }
}
