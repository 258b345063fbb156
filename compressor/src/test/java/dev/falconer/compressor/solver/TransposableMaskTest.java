package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposableMaskTest {
  /** Scores and their sums are float32; ties within it are no gap. */
  private static final double ROUNDING = 1e-6;

  private static final int[][] SHAPES = {
    {1, 2}, {1, 4}, {2, 4}, {3, 4}, {2, 5}, {3, 7}, {4, 8}, {2, 8}, {1, 8}, {7, 8}, {8, 16},
    {16, 32}, {5, 33}, {32, 64}, {63, 64}
  };

  @Test
  void keepsExactlyNInEveryRowAndColumnOfEveryBlock() {
    for (int[] shape : SHAPES) {
      int kept = shape[0];
      int group = shape[1];
      for (Scores kind : Scores.values()) {
        float[] scores = kind.draw(3 * group * 2 * group, new Random(group));

        float[] mask = solved(scores, 3 * group, 2 * group, kept, group);

        assertRegular(
            mask,
            3 * group,
            2 * group,
            kept,
            group,
            kept + ":" + group + " " + kind + " seed " + group);
      }
    }
  }

  @Test
  void isTheBestMaskOfAllWhereAllCanBeTried() {
    for (int[] shape : new int[][] {{1, 4}, {2, 4}, {3, 4}, {1, 3}, {2, 5}, {1, 5}, {3, 6}}) {
      int kept = shape[0];
      int group = shape[1];
      for (long seed = 0; seed < 10; seed++) {
        float[] scores = Scores.NORMAL.draw(group * group, new Random(seed));

        double value =
            TransposableBaselines.value(scores, solved(scores, group, group, kept, group));

        assertEquals(
            TransposableBaselines.bruteForce(scores, kept, group),
            value,
            ROUNDING * value,
            kept + ":" + group + " seed " + seed);
      }
    }
  }

  @Test
  void hasNinetyMasksOfTwoInFourAndTwentyFourOfOneAndThree() {
    assertEquals(24, new FourByFour(1).size());
    assertEquals(90, new FourByFour(2).size());
    assertEquals(24, new FourByFour(3).size());
  }

  @Test
  void enumerationAndFlowFindTheSameOptimumOfFourByFour() {
    for (int kept = 1; kept < 4; kept++) {
      for (long seed = 0; seed < 100; seed++) {
        float[] scores = Scores.NORMAL.draw(16, new Random(seed));
        var block = new TransposableBlock(kept, 4);
        System.arraycopy(scores, 0, block.scores(), 0, 16);
        block.solve(new float[4], 0);
        double flow = 0;
        for (int i = 0; i < 16; i++) {
          flow += (block.row(i / 4) >> i % 4 & 1) * scores[i];
        }

        double enumerated = TransposableBaselines.value(scores, solved(scores, 4, 4, kept, 4));

        assertEquals(enumerated, flow, ROUNDING * flow, kept + ":4 seed " + seed);
      }
    }
  }

  @Test
  void reachesTheLinearProgramsOptimumOnTheFixtures() throws IOException {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("/solver/transposable.json")) {
      cases = new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
    for (JsonNode shape : cases) {
      int kept = shape.get("N").asInt();
      int group = shape.get("M").asInt();
      for (int b = 0; b < shape.get("A").size(); b++) {
        var scores = new float[group * group];
        for (int i = 0; i < scores.length; i++) {
          scores[i] = shape.get("A").get(b).get(i / group).get(i % group).floatValue();
        }

        double value =
            TransposableBaselines.value(scores, solved(scores, group, group, kept, group));

        double optimum = shape.get("optimum").get(b).asDouble();
        assertEquals(optimum, value, ROUNDING * optimum, kept + ":" + group + " block " + b);
      }
    }
  }

  @Test
  void reachesTheLinearProgramsOptimumOnWholeMatrices() {
    for (JsonNode run : LayerData.json("transposable/results.json").get("runs")) {
      float[] scores =
          run.get("matrix").asText().equals("p512") ? floats(LayerData.weight()) : gauss512();
      boolean isSquared = run.get("norm").asText().equals("l2sq");
      for (int i = 0; i < scores.length; i++) {
        scores[i] = isSquared ? scores[i] * scores[i] : Math.abs(scores[i]);
      }
      int kept = run.get("N").asInt();
      int group = run.get("M").asInt();

      double value = TransposableBaselines.value(scores, solved(scores, 512, 512, kept, group));

      double optimum = run.get("optimum").asDouble();
      assertEquals(optimum, value, ROUNDING * optimum, run.toString());
      assertTrue(value <= run.get("row_only_upper_bound").asDouble() * (1 + ROUNDING));
    }
  }

  @Test
  void keepsTheSameWeightsAsTheLinearProgramWhereNothingTies() {
    float[] scores = floats(LayerData.weight());
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(scores[i]);
    }
    byte[] bits = LayerData.bytes("transposable/p512.M16N8.l1.opt.bits");
    int differ = 0;

    float[] mask = solved(scores, 512, 512, 8, 16);

    for (int i = 0; i < mask.length; i++) {
      differ += mask[i] != (bits[i / 8] >> i % 8 & 1) ? 1 : 0;
    }
    assertTrue(differ < 100, differ + " of 262144 weights differ");
  }

  @Test
  void pricesOfTheLastCallLeaveLessToDoAndChangeNothing() {
    var random = new Random(3);
    float[] scores = Scores.NORMAL.draw(128 * 128, random);
    var warm = new TransposableMask(128, 128, 8, 16);
    var mask = new float[scores.length];
    warm.project(scores, mask);
    long first = warm.chains();
    for (int i = 0; i < scores.length; i++) {
      scores[i] += (float) (.01 * random.nextGaussian());
    }

    warm.project(scores, mask);

    assertArrayEquals(solved(scores, 128, 128, 8, 16), mask, "seed 3");
    assertTrue(warm.chains() - first < first, warm.chains() + " after " + first);
  }

  @Test
  void theTransposeHasAMaskOfTheSameValue() {
    float[] scores = Scores.NORMAL.draw(48 * 32, new Random(8));
    var flipped = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      flipped[i % 32 * 48 + i / 32] = scores[i];
    }

    double value = TransposableBaselines.value(scores, solved(scores, 48, 32, 8, 16));
    double other = TransposableBaselines.value(flipped, solved(flipped, 32, 48, 8, 16));

    assertEquals(value, other, ROUNDING * value, "seed 8");
  }

  @Test
  void isBlindToTheScoresScale() {
    float[] scores = Scores.NORMAL.draw(64 * 64, new Random(9));
    float[] expected = solved(scores, 64, 64, 4, 8);
    for (int power : new int[] {-60, 60}) {
      var scaled = new float[scores.length];
      for (int i = 0; i < scores.length; i++) {
        scaled[i] = Math.scalb(scores[i], power);
      }

      assertArrayEquals(expected, solved(scaled, 64, 64, 4, 8), "seed 9, 2^" + power);
    }
  }

  @ParameterizedTest
  @CsvSource({"4,8", "8,16"})
  void noBaselineIsBetter(int kept, int group) {
    for (long seed = 0; seed < 10; seed++) {
      float[] scores = Scores.NORMAL.draw(group * group, new Random(seed));

      double value = TransposableBaselines.value(scores, solved(scores, group, group, kept, group));

      String at = "seed " + seed;
      double slack = value * (1 + ROUNDING);
      double greedy =
          TransposableBaselines.value(
              scores, TransposableBaselines.twoApproximation(scores, kept, group));
      assertTrue(greedy <= slack && greedy >= value / 2, at);
      assertTrue(
          TransposableBaselines.value(scores, TransposableBaselines.biNm(scores, kept, group))
              <= slack,
          at);
      assertTrue(
          TransposableBaselines.value(
                  scores,
                  TransposableBaselines.bestOfThousand(scores, kept, group, new Random(seed)))
              <= slack,
          at);
      assertTrue(
          TransposableBaselines.value(
                  scores, TransposableBaselines.largest(scores, kept, group, false))
              >= value * (1 - ROUNDING),
          at);
    }
  }

  @Test
  void refusesShapesThatMDoesNotDivideAndScoresThatAreNoNumbers() {
    assertThrows(IllegalArgumentException.class, () -> new TransposableMask(12, 16, 4, 8));
    assertThrows(IllegalArgumentException.class, () -> new TransposableMask(16, 12, 4, 8));
    assertThrows(IllegalArgumentException.class, () -> new TransposableMask(16, 16, 8, 8));
    assertThrows(IllegalArgumentException.class, () -> new TransposableMask(65, 65, 8, 65));
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      var scores = new float[64];
      scores[9] = bad;
      assertThrows(IllegalArgumentException.class, () -> solved(scores, 8, 8, 4, 8));
    }
  }

  static float[] solved(float[] scores, int rows, int columns, int kept, int group) {
    var mask = new float[scores.length];
    new TransposableMask(rows, columns, kept, group).project(scores, mask);
    return mask;
  }

  static void assertRegular(
      float[] mask, int rows, int columns, int kept, int group, String message) {
    for (int top = 0; top < rows; top += group) {
      for (int left = 0; left < columns; left += group) {
        for (int k = 0; k < group; k++) {
          int inRow = 0;
          int inColumn = 0;
          for (int l = 0; l < group; l++) {
            inRow += (int) mask[(top + k) * columns + left + l];
            inColumn += (int) mask[(top + l) * columns + left + k];
          }
          assertEquals(kept, inRow, message);
          assertEquals(kept, inColumn, message);
        }
      }
    }
  }

  private static float[] floats(Matrix matrix) {
    double[] values = matrix.toArray();
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static float[] gauss512() {
    var generator = new NumpyNormals(7);
    var values = new float[512 * 512];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) generator.next();
    }
    return values;
  }

  /** Kinds of scores, each at least 0. */
  enum Scores {
    NORMAL,
    CONSTANT,
    ZERO,
    SPARSE,
    FEW_VALUES;

    float[] draw(int length, Random random) {
      var scores = new float[length];
      for (int i = 0; i < length; i++) {
        scores[i] =
            switch (this) {
              case NORMAL -> (float) Math.abs(random.nextGaussian());
              case CONSTANT -> 1;
              case ZERO -> 0;
              case SPARSE -> random.nextInt(20) == 0 ? random.nextFloat() : 0;
              case FEW_VALUES -> random.nextInt(3);
            };
      }
      return scores;
    }
  }
}
