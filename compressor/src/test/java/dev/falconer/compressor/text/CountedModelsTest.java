package dev.falconer.compressor.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CountedModelsTest {
  private static final int SEED = 3;
  private static final int SIZE = 5;

  @Test
  void probabilitiesAfterAnyTokenAddUpToOne() {
    var counted = new CountedModels(new Random(SEED).ints(30, 0, SIZE - 1).toArray(), SIZE);

    for (int first = 0; first < SIZE; first++) {
      double sum = 0;
      for (int next = 0; next < SIZE; next++) {
        sum += 1 / counted.bigram(new int[] {first, next});
      }
      assertEquals(1, sum, 1e-12, "seed " + SEED + ", after " + first);
    }
  }

  @Test
  void pairsThatAlwaysFollowAreWorthKnowing() {
    int[] pieces = new int[400];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = i % 4;
    }
    var counted = new CountedModels(pieces, SIZE);

    assertEquals(4, counted.unigram(pieces), .1);
    assertTrue(counted.bigram(pieces) < 1.1, "" + counted.bigram(pieces));
  }
}
