package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each gives the whole's scores, and a pinned share of its work is not paid per candidate. */
class ClassicRankersTest {
  private static final double PINNED = 5e-4;
  private static final double SCORES = 1e-5;

  @Test
  void autoInt() {
    saves(.2274, ClassicRankers.autoInt());
  }

  @Test
  void fiBiNet() {
    saves(.4232, ClassicRankers.fiBiNet());
  }

  @Test
  void attentionalFactorisationMachine() {
    saves(.4446, ClassicRankers.attentionalFactorisationMachine());
  }

  @Test
  void edcn() {
    saves(.3136, ClassicRankers.edcn());
  }

  @Test
  void mixtureOfExperts() {
    saves(.6062, ClassicRankers.mixtureOfExperts());
  }

  @Test
  void progressiveLayeredExtraction() {
    saves(.4946, ClassicRankers.progressiveLayeredExtraction());
  }

  @Test
  void entireSpace() {
    saves(.6700, ClassicRankers.entireSpace());
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void idiomsOfOldOperatorSets(long opset) {
    saves(.6084, ClassicRankers.old(opset));
  }

  private static void saves(double share, Model model) {
    SplitModel split =
        new Splitter(OrtRunner.factory(1))
            .split(model, ClassicRankers.roles(), Splitter.Options.DEFAULT);

    assertEquals(share, split.flops().shareSaved(), PINNED);
    assertTrue(split.maxError() <= SCORES, "differs by " + split.maxError());
  }
}
