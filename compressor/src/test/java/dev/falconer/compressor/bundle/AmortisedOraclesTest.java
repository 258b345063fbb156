package dev.falconer.compressor.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.bundle.OracleRanker.Slate;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.HistoryMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The laws of amortised serving, against real sessions of the written graphs, for the plain and the
 * int8 candidate graph. O1 to O9 are the names the specification gives them.
 */
class AmortisedOraclesTest {
  /** Sum orders differ between the shapes of matrix products. */
  private static final double FLOAT = 1e-5;

  /** A last-bit difference before a rounding moves a value by a whole quantum. */
  private static final double INT8 = 5e-3;

  private static final int MOST = OracleRanker.HISTORY_MAX;
  private static final int BATCH = 8;

  static List<OracleRanker> rankers() {
    var rankers = new ArrayList<OracleRanker>();
    for (HistoryMask mask : HistoryMask.values()) {
      for (CandidateSelf self : CandidateSelf.values()) {
        for (int layers : new int[] {1, 2, 4}) {
          for (boolean isInt8 : new boolean[] {false, true}) {
            rankers.add(OracleRanker.of(mask, self, layers, isInt8));
          }
        }
      }
    }
    return rankers;
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o1AmortisedScoresAreThoseOfTheWholeGraphOneByOne(OracleRanker ranker) {
    for (int n : new int[] {0, 1, 2, MOST}) {
      Slate all = ranker.slate(n, 20, 1);
      float[] whole = ranker.wholeOneByOne(all);
      for (int m : new int[] {1, 2, BATCH - 1, BATCH, BATCH + 1, 20}) {
        float[] scores = ranker.hit(ranker.encode(all), all.candidates(IntStream.range(0, m)));
        close(ranker, head(whole, m), scores, "n " + n + " m " + m);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o2OrderAndDuplicatesChangeNoScore(OracleRanker ranker) {
    Slate slate = ranker.slate(7, 12, 2);
    int[] order = {5, 0, 11, 5, 3, 7, 5};
    var state = ranker.encode(slate);

    float[] scores = ranker.hit(state, slate);
    float[] permuted = ranker.hit(state, slate.candidates(IntStream.of(order)));

    for (int i = 0; i < order.length; i++) {
      assertEquals(scores[order[i]], permuted[i], tolerance(ranker), ranker + " at " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o3CompanyChangesNoScore(OracleRanker ranker) {
    Slate slate = ranker.slate(7, 12, 3);
    var state = ranker.encode(slate);
    float[] together = ranker.hit(state, slate);

    for (int i = 0; i < 12; i++) {
      float[] alone = ranker.hit(state, slate.candidates(IntStream.of(i)));
      assertEquals(together[i], alone[0], tolerance(ranker), ranker + " candidate " + i);
    }
    float[] beside = ranker.hit(state, slate.withHugeNeighbour());
    close(ranker, together, head(beside, 12), "beside a huge neighbour");
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o4MicroBatchesChangeNoScore(OracleRanker ranker) {
    Slate slate = ranker.slate(7, 20, 4);
    var state = ranker.encode(slate);
    float[] together = ranker.hit(state, slate);

    for (int batch = 1; batch <= 20; batch++) {
      close(ranker, together, ranker.inBatches(state, slate, batch), "micro-batch " + batch);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o5ContinuingAStateIsEncodingFromTheStart(OracleRanker ranker) {
    if (!ranker.canGrow()) {
      assertEquals(HistoryMask.FULL, ranker.mask(), "only a full mask forbids it"); // O6
      assertFalse(ranker.growthReason().isEmpty());
      return;
    }
    Slate slate = ranker.slate(MOST, 9, 5);
    float[] atOnce = ranker.hit(ranker.encode(slate), slate);
    var random = new Random(5);
    for (int trial = 0; trial < 5; trial++) {
      var pieces = new ArrayList<Integer>();
      int end = 0;
      while (end < MOST) {
        end = Math.min(MOST, end + 1 + random.nextInt(5));
        pieces.add(end);
      }
      close(ranker, atOnce, ranker.hit(ranker.encodeInPieces(slate, pieces), slate), "" + pieces);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o7TruncatedHistoriesAreEncodedAgain(OracleRanker ranker) {
    Slate slate = ranker.slate(MOST, 9, 6);
    Slate truncated = slate.lastEvents(MOST / 2);

    float[] again = ranker.hit(ranker.encode(truncated), truncated);

    close(ranker, ranker.wholeOneByOne(truncated), again, "encoded again");
    float[] dropped = ranker.hit(ranker.dropOldest(ranker.encode(slate), MOST / 2), slate);
    boolean differs = IntStream.range(0, 9).anyMatch(i -> Math.abs(again[i] - dropped[i]) > FLOAT);
    assertTrue(differs, ranker + ": dropping old keys must not pass for a truncated history");
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o8UsersOfABatchScoreAsAlone(OracleRanker ranker) {
    var slates = List.of(ranker.slate(0, 4, 7), ranker.slate(3, 4, 8), ranker.slate(MOST, 4, 9));
    float[] batch = ranker.wholeBatch(slates);
    for (int user = 0; user < slates.size(); user++) {
      float[] alone = ranker.hit(ranker.encode(slates.get(user)), slates.get(user));
      float[] together = java.util.Arrays.copyOfRange(batch, 4 * user, 4 * user + 4);
      close(ranker, together, alone, "user " + user);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void o9NoEventsAndNoCandidatesAreFinite(OracleRanker ranker) {
    Slate cold = ranker.slate(0, 5, 10);

    float[] scores = ranker.hit(ranker.encode(cold), cold);

    for (float score : scores) {
      assertTrue(score > 0 && score < 1, ranker + " score " + score);
    }
    Slate none = cold.candidates(IntStream.empty());
    assertEquals(0, ranker.hit(ranker.encode(cold), none).length);
  }

  private static void close(OracleRanker ranker, float[] wanted, float[] got, String what) {
    assertArrayEquals(wanted, got, (float) tolerance(ranker), ranker + ": " + what);
  }

  private static double tolerance(OracleRanker ranker) {
    return ranker.isInt8() ? INT8 : FLOAT;
  }

  private static float[] head(float[] scores, int count) {
    return java.util.Arrays.copyOf(scores, count);
  }
}
