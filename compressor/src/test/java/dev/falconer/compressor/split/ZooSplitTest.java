package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rankers of the zoo, split. */
class ZooSplitTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void everySwitchSplitsIntoOneKeyAndOneValuePerLayer() {
    for (HistoryMask mask : HistoryMask.values()) {
      for (CandidateSelf self : CandidateSelf.values()) {
        for (int layers : new int[] {1, 2}) {
          String which = mask + " " + self + " " + layers;
          SplitModel split = split(ZooModels.ranker(Fusion.APPEND, mask, self, layers));

          assertEquals(2 * layers, split.state().size(), which + " " + split.state());
          for (StateTensor tensor : split.state()) {
            assertEquals(List.of(1L, 2L, -1L, 4L), tensor.shape(), which + " " + tensor);
            assertEquals(2, tensor.historyAxis(), which);
            assertEquals(1, tensor.historyExtra(), which);
          }
          assertTrue(split.maxError() < Closeness.SCORES, which + ": " + split.maxError());
        }
      }
    }
  }

  @Test
  void masksOfPaddingDisappearAndTheLengthWithThem() {
    SplitModel split = split(ZooModels.causal());

    assertTrue(inputs(split.user()).stream().noneMatch(name -> name.contains("length")));
    assertTrue(
        split.candidate().graph().nodes().stream().noneMatch(node -> node.is("Where")),
        () -> split.candidate().graph().nodes().stream().map(Node::type).toList().toString());
  }

  @Test
  void aCausalUserGraphGrowsInAnyChunking() {
    for (CandidateSelf self : CandidateSelf.values()) {
      for (int layers : new int[] {1, 2}) {
        Model whole = ZooModels.ranker(Fusion.APPEND, HistoryMask.CAUSAL, self, layers);
        SplitModel split = split(whole);

        assertTrue(split.growth().supported(), split.growth().reason());
        assertEquals(2 * layers, split.growth().pastInputs().size());
        double difference = GrowthCheck.largestDifference(split, whole, RUNNERS, 99);
        assertTrue(difference < GrowthCheck.TOLERANCE, layers + " layers: " + difference);
      }
    }
  }

  @Test
  void growthIsRefusedUnderAFullMaskAndForcingItGivesOtherStates() {
    Model whole = ZooModels.ranker(Fusion.APPEND, HistoryMask.FULL, CandidateSelf.NONE, 2);
    SplitModel split = split(whole);

    assertFalse(split.growth().supported());
    assertTrue(split.growth().reason().contains("in pieces"), split.growth().reason());
    SplitModel forced = Splitter.growing(split);
    double difference = GrowthCheck.largestDifference(forced, whole, RUNNERS, 99);
    assertTrue(difference > 1e-3, "forced growth differs by " + difference);
  }

  @Test
  void refusesConcatFusionBecauseNothingIsShared() {
    var refusal =
        assertThrows(
            SplitRefusal.class,
            () ->
                split(ZooModels.ranker(Fusion.CONCAT, HistoryMask.CAUSAL, CandidateSelf.NONE, 4)));

    assertEquals(SplitRefusal.Code.NO_GAIN, refusal.code(), refusal.getMessage());
    assertEquals("MatMul", refusal.operator());
  }

  @Test
  void refusesAModelWithoutHistory() {
    var refusal =
        assertThrows(
            SplitRefusal.class,
            () -> split(ZooModels.ranker(Fusion.NONE, HistoryMask.CAUSAL, CandidateSelf.NONE, 1)));

    assertEquals(SplitRefusal.Code.NO_GAIN, refusal.code());
  }

  private static SplitModel split(Model model) {
    return new Splitter(RUNNERS).split(model, ZooModels.roles(model), Splitter.Options.DEFAULT);
  }

  private static List<String> inputs(Model model) {
    return model.graph().inputs().stream().map(ValueInfo::name).toList();
  }
}
