package dev.falconer.server.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlateTest {
  @Test
  void ordersAsAStableSortByTheValue() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      int m = random.nextInt(40);
      var scores = new float[m];
      for (int i = 0; i < m; i++) {
        // Few values, so that there are ties; both zeros among them.
        scores[i] = (random.nextInt(9) - 4) * (random.nextBoolean() ? 0.25f : 1e30f);
      }
      int k = random.nextInt(45);

      var slate =
          Slate.top(MemorySegment.ofArray(scores), m, new double[] {-1.5}, MemorySegment.NULL, k);

      var expected =
          IntStream.range(0, m)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> scores[i]))
              .limit(k == 0 ? m : k)
              .toList();
      assertEquals(expected.size(), slate.length(), "seed " + seed);
      for (int place = 0; place < slate.length(); place++) {
        int i = slate.candidate(place);
        assertEquals(
            0.0f + scores[expected.get(place)], 0.0f + scores[i], "seed " + seed + " at " + place);
        assertEquals((float) (-1.5 * scores[i]) + 0.0f, slate.value(place), "seed " + seed);
        if (place > 0 && slate.value(place) == slate.value(place - 1)) {
          assertEquals(1, Integer.compare(i, slate.candidate(place - 1)), "seed " + seed);
        }
      }
    }
  }
}
