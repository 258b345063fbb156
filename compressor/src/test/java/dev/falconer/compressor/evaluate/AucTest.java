package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AucTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void equalsTheCountOfPairsUnderAnyWeightsWithTies(long seed) {
    var random = new Random(seed);
    int rows = 1 + random.nextInt(200);
    int users = 1 + random.nextInt(20);
    var user = new int[rows];
    var score = new float[rows];
    var positive = new boolean[rows];
    for (int i = 0; i < rows; i++) {
      user[i] = random.nextInt(users);
      score[i] = (random.nextInt(15) - 7) / 4f;
      positive[i] = random.nextInt(3) == 0;
    }
    int[] weights = random.ints(users, 0, 4).toArray();

    double wins = 0;
    double pairs = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        if (positive[i] && !positive[j]) {
          double weight = (double) weights[user[i]] * weights[user[j]];
          pairs += weight;
          wins += weight * (score[i] > score[j] ? 1 : score[i] == score[j] ? .5 : 0);
        }
      }
    }

    assertEquals(wins / pairs, new Auc(user, score, positive).of(weights), 1e-12, "seed " + seed);
  }

  @Test
  void isUndefinedForOneLabelOnly() {
    var auc = new Auc(new int[2], new float[] {.1f, .2f}, new boolean[] {true, true});

    assertTrue(Double.isNaN(auc.of(new int[] {1})));
  }

  @Test
  void refusesRowsWithoutAScore() {
    var scores = new float[] {.1f, Float.NaN};

    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Auc(new int[2], scores, new boolean[] {true, false}));
    assertTrue(String.valueOf(error.getMessage()).contains("row 1"), error.toString());
  }

  @Test
  void ordersNegativeZeroAndInfinityLikeNumbers() {
    int[] order =
        Sorting.ascending(
            new float[] {0f, Float.POSITIVE_INFINITY, -1f, -0f, Float.NEGATIVE_INFINITY, -1e-40f});

    org.junit.jupiter.api.Assertions.assertArrayEquals(new int[] {4, 2, 5, 0, 3, 1}, order);
  }
}
