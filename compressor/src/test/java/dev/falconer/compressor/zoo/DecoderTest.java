package dev.falconer.compressor.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.execute.TorchOptions;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class DecoderTest {
  private static final int SEED = 5;
  private static final int VOCABULARY = 11;
  private static final int CONTEXT = 6;

  /** Of two libraries in float32. */
  private static final float TOLERANCE = 1e-5f;

  private static final Model MODEL = new Decoder(VOCABULARY, CONTEXT, 16, 2, 2).build(SEED);

  @Test
  void noTokenSeesTheOnesAfterIt() {
    long[] tokens = new Random(SEED).longs(CONTEXT, 0, VOCABULARY).toArray();
    float[] before = logits(tokens);
    for (int changed = 0; changed < CONTEXT; changed++) {
      long[] other = tokens.clone();
      other[changed] = (other[changed] + 1) % VOCABULARY;

      float[] after = logits(other);

      int seen = changed * VOCABULARY;
      assertArrayEquals(
          Arrays.copyOf(before, seen), Arrays.copyOf(after, seen), TOLERANCE, "token " + changed);
      for (int row = changed; row < CONTEXT; row++) {
        assertNotEquals(before[row * VOCABULARY], after[row * VOCABULARY], "row " + row);
      }
    }
  }

  @Test
  void libtorchComputesWhatOnnxRuntimeDoes() {
    long[] tokens = new Random(SEED).longs(CONTEXT, 0, VOCABULARY).toArray();
    try (var graph = TorchGraph.of(MODEL, TorchOptions.standard());
        var _ = new PointerScope()) {
      NumericTensor found =
          graph
              .infer(Map.of(Decoder.TOKENS, window(tokens)), Set.of(Decoder.LOGITS))
              .copy(Decoder.LOGITS);

      assertArrayEquals(logits(tokens), found.toFloats(), TOLERANCE, "seed " + SEED);
    }
  }

  @Test
  void theTiedTableIsNoLayer() {
    List<LinearLayer> layers = LinearLayers.find(MODEL.graph(), Set.of()).layers();

    assertEquals(2 * 6, layers.size(), "query, key, value, output, ffn.in, ffn.out of two layers");
  }

  private static float[] logits(long[] tokens) {
    try (OrtRunner runner = OrtRunner.open(MODEL, 1)) {
      Map<String, TensorData> outputs = runner.run(Map.of(Decoder.TOKENS, window(tokens)));
      return ((NumericTensor) outputs.get(Decoder.LOGITS)).toFloats();
    }
  }

  private static NumericTensor window(long[] tokens) {
    return TensorData.longs(Shape.of(1, CONTEXT), tokens);
  }
}
