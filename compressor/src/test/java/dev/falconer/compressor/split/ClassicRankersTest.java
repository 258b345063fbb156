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
    saves(.2238, ClassicRankers.autoInt());
  }

  @Test
  void fiBiNet() {
    saves(.4213, ClassicRankers.fiBiNet());
  }

  @Test
  void attentionalFactorisationMachine() {
    saves(.4414, ClassicRankers.attentionalFactorisationMachine());
  }

  @Test
  void edcn() {
    saves(.3108, ClassicRankers.edcn());
  }

  @Test
  void mixtureOfExperts() {
    saves(.6047, ClassicRankers.mixtureOfExperts());
  }

  @Test
  void progressiveLayeredExtraction() {
    saves(.4929, ClassicRankers.progressiveLayeredExtraction());
  }

  @Test
  void entireSpace() {
    saves(.6687, ClassicRankers.entireSpace());
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void idiomsOfOldOperatorSets(long opset) {
    saves(.6047, ClassicRankers.old(opset));
  }

  private static void saves(double share, Model model) {
    SplitModel split =
        new Splitter(OrtRunner.factory(1))
            .split(model, ClassicRankers.roles(), Splitter.Options.DEFAULT);

    assertEquals(share, split.flops().shareSaved(), PINNED);
    assertTrue(split.maxError() <= SCORES, "differs by " + split.maxError());
  }
}
