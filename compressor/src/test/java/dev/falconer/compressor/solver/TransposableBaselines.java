package dev.falconer.compressor.solver;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/** Transposable masks of one block [M, M] as others make them, 1 where kept. */
final class TransposableBaselines {
  private TransposableBaselines() {}

  /**
   * The largest first, each where its row and column hold fewer than N: at least half the optimum,
   * rows may end short. Source: Hubara et al. 2021 (arXiv 2102.08124).
   */
  static float[] twoApproximation(float[] scores, int kept, int group) {
    var mask = new float[scores.length];
    var rows = new int[group];
    var columns = new int[group];
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .forEach(i -> {
          if (rows[i / group] < kept && columns[i % group] < kept) {
            rows[i / group]++;
            columns[i % group]++;
            mask[i] = 1;
          }
        });
    return mask;
  }

  /** N:M along the rows, then along the columns of what is left: rows end short. */
  static float[] biNm(float[] scores, int kept, int group) {
    float[] rows = largest(scores, kept, group, false);
    var left = new float[scores.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = rows[i] * scores[i];
    }
    float[] both = largest(left, kept, group, true);
    for (int i = 0; i < both.length; i++) {
      both[i] *= rows[i];
    }
    return both;
  }

  /** The N largest of every row, or column: a bound on the transposable optimum. */
  static float[] largest(float[] scores, int kept, int group, boolean alongColumns) {
    var mask = new float[scores.length];
    for (int line = 0; line < group; line++) {
      int l = line;
      IntStream.range(0, group)
          .map(k -> alongColumns ? k * group + l : l * group + k)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -scores[i]))
          .limit(kept)
          .forEach(i -> mask[i] = 1);
    }
    return mask;
  }

  /** The best of 1000 random regular masks: shifted diagonals with rows and columns shuffled. */
  static float[] bestOfThousand(float[] scores, int kept, int group, Random random) {
    float[] best = {};
    double most = Double.NEGATIVE_INFINITY;
    for (int draw = 0; draw < 1000; draw++) {
      int[] rows = shuffled(group, random);
      int[] columns = shuffled(group, random);
      var mask = new float[scores.length];
      for (int i = 0; i < group; i++) {
        for (int n = 0; n < kept; n++) {
          mask[rows[i] * group + columns[(i + n) % group]] = 1;
        }
      }
      double value = value(scores, mask);
      if (value > most) {
        most = value;
        best = mask;
      }
    }
    return best;
  }

  /** The optimum by trying every choice of every row. For M to about 6. */
  static double bruteForce(float[] scores, int kept, int group) {
    return bruteForce(scores, kept, group, 0, new int[group]);
  }

  private static double bruteForce(float[] scores, int kept, int group, int row, int[] counts) {
    if (row == group) {
      return 0;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int bits = 0; bits < 1 << group; bits++) {
      if (Integer.bitCount(bits) != kept) {
        continue;
      }
      var next = counts.clone();
      double sum = 0;
      boolean isFull = false;
      for (int j = 0; j < group; j++) {
        if ((bits >> j & 1) != 0) {
          sum += scores[row * group + j];
          isFull |= ++next[j] > kept;
        }
      }
      if (!isFull) {
        best = Math.max(best, sum + bruteForce(scores, kept, group, row + 1, next));
      }
    }
    return best;
  }

  static double value(float[] scores, float[] mask) {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += (double) scores[i] * mask[i];
    }
    return sum;
  }

  private static int[] shuffled(int length, Random random) {
    var order = new ArrayList<Integer>(IntStream.range(0, length).boxed().toList());
    Collections.shuffle(order, random);
    return order.stream().mapToInt(Integer::intValue).toArray();
  }
}
