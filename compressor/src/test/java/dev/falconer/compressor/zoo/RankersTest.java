package dev.falconer.compressor.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankersTest {
  private static final float CLOSE = 1e-5f;
  private static final int ITEMS = 20;

  @ParameterizedTest
  @EnumSource(Fusion.class)
  void scoresDependNeitherOnPaddingNorOnCompany(Fusion fusion) {
    for (HistoryMask mask : HistoryMask.values()) {
      for (CandidateSelf self : CandidateSelf.values()) {
        var request = new Request(3);
        float[] together = scores(ranker(fusion, mask, self), request.feeds(6, 4, 4));

        float[] padded = scores(ranker(fusion, mask, self), request.feeds(8, 4, 4));
        float[] alone = scores(ranker(fusion, mask, self), request.feeds(6, 4, 1));

        String what = fusion + " " + mask + " " + self;
        assertArrayEquals(together, padded, CLOSE, what);
        assertArrayEquals(Arrays.copyOf(together, 2), alone, CLOSE, what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fusion.class)
  void scoresWithoutEventsOrWithoutCandidates(Fusion fusion) {
    Model model = ranker(fusion, HistoryMask.CAUSAL, CandidateSelf.NONE);
    var request = new Request(4);

    float[] noEvents = scores(model, request.feeds(0, 0, 3));
    float[] noneValid = scores(model, request.feeds(5, 0, 3));

    assertArrayEquals(noEvents, noneValid, CLOSE);
    for (float score : noEvents) {
      assertTrue(score > 0 && score < 1, "score " + score);
    }
    assertEquals(0, scores(model, request.feeds(5, 2, 0)).length);
  }

  @Test
  void unknownItemsScoreLikeEachOther() {
    Model model = ranker(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE);
    var feeds = new HashMap<>(new Request(5).feeds(5, 5, 2));
    feeds.put(Inputs.CANDIDATE_ITEM, TensorData.longs(Shape.of(1, 2), -7, 1L << 40));
    feeds.put(Inputs.CANDIDATE_DENSE, TensorData.floats(Shape.of(1, 2, 3), new float[6]));

    float[] scores = scores(model, feeds);

    assertEquals(scores[0], scores[2], CLOSE);
    assertEquals(scores[1], scores[3], CLOSE);
  }

  @Test
  void historyMattersOnlyWhereThereIsFusion() {
    for (Fusion fusion : Fusion.values()) {
      Model model = ranker(fusion, HistoryMask.CAUSAL, CandidateSelf.NONE);
      var feeds = new HashMap<>(new Request(6).feeds(5, 5, 2));
      float[] before = scores(model, feeds);
      feeds.put(Inputs.HISTORY_ITEM, TensorData.longs(Shape.of(1, 5), 1, 2, 3, 4, 5));

      assertEquals(fusion == Fusion.NONE, Arrays.equals(before, scores(model, feeds)), "" + fusion);
    }
  }

  @ParameterizedTest
  @EnumSource(HistoryMask.class)
  void theJointSequenceScoresTheSame(HistoryMask mask) {
    Model model = ranker(Fusion.APPEND, mask, CandidateSelf.NONE);
    var request = new Request(7);

    float[] joint = scores(Rankers.joint(model), request.feeds(6, 4, 1));

    assertArrayEquals(scores(model, request.feeds(6, 4, 1)), joint, CLOSE);
  }

  @Test
  void theSameSeedGivesTheSameBytes() {
    Model model = ranker(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE);

    assertArrayEquals(
        OnnxWriter.toBytes(model),
        OnnxWriter.toBytes(ranker(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE)));
  }

  private static Model ranker(Fusion fusion, HistoryMask mask, CandidateSelf self) {
    var config =
        new RankerConfig(
            fusion,
            mask,
            self,
            8,
            2,
            2,
            10,
            2,
            1,
            List.of(6),
            List.of("click", "like"),
            3,
            2,
            4,
            3,
            2);
    var ids = new java.util.ArrayList<Long>();
    var categories = new java.util.ArrayList<Integer>();
    for (int i = 0; i < ITEMS; i++) {
      ids.add(100L + i);
      categories.add(i % 5);
    }
    return Rankers.build(config, new Vocabulary(ids, List.of(), categories), 11);
  }

  private static float[] scores(Model model, Map<String, TensorData> feeds) {
    var known = new HashMap<>(feeds);
    known.keySet().retainAll(model.graph().inputs().stream().map(v -> v.name()).toList());
    try (var runner = OrtRunner.factory(1).open(model)) {
      return ((NumericTensor) runner.run(known).get(Inputs.SCORES)).toFloats();
    }
  }

  /** A seeded request whose columns are the same whatever their padding. */
  private record Request(long seed) {
    Map<String, TensorData> feeds(int padded, int events, int candidates) {
      return Map.of(
          Inputs.HISTORY_ITEM, column(1, padded, 100, ITEMS + 3, events),
          Inputs.HISTORY_ACTION, column(2, padded, 0, 5, events),
          Inputs.HISTORY_SURFACE, column(3, padded, 0, 4, events),
          Inputs.HISTORY_LENGTH, TensorData.vector(events),
          Inputs.CANDIDATE_ITEM, column(4, candidates, 100, ITEMS + 3, candidates),
          Inputs.CANDIDATE_DENSE, dense(5, candidates, 3),
          Inputs.CONTEXT_SURFACE, TensorData.vector(1),
          Inputs.CONTEXT_DENSE, TensorData.floats(Shape.of(1, 2), 0.5f, -1));
    }

    /** Returns values within the events, rubbish behind them. */
    private TensorData column(int stream, int rows, int from, int range, int events) {
      var random = new Random(seed * 100 + stream);
      var values = new long[rows];
      for (int i = 0; i < rows; i++) {
        int value = from + random.nextInt(range);
        values[i] = i < events ? value : 999_999_999L + i;
      }
      return TensorData.longs(Shape.of(1, rows), values);
    }

    private TensorData dense(int stream, int rows, int width) {
      var random = new Random(seed * 100 + stream);
      var values = new float[rows * width];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return TensorData.floats(Shape.of(1, rows, width), values);
    }
  }
}
