package dev.falconer.compressor.solver;

import java.util.ArrayList;
import java.util.List;

/**
 * Transposable masks of 4 x 4 blocks by looking at all of them: 24 keep 1 of 4 in every row and
 * column, 90 keep 2, 24 keep 3. A mask is a choice of N columns per row; its value is the sum of
 * four of the row choices' values, which are formed once per block.
 */
final class FourByFour {
  private static final int SIDE = 4;

  private final int[] choices;
  private final int[] masks;
  private final float[] values;

  /** All masks that keep N, 1 to 3, of 4. */
  FourByFour(int kept) {
    List<Integer> perRow = new ArrayList<>();
    for (int bits = 0; bits < 1 << SIDE; bits++) {
      if (Integer.bitCount(bits) == kept) {
        perRow.add(bits);
      }
    }
    choices = perRow.stream().mapToInt(Integer::intValue).toArray();
    var found = new ArrayList<Integer>();
    int number = choices.length;
    for (int code = 0; code < number * number * number * number; code++) {
      int[] rows = {
        code % number,
        code / number % number,
        code / (number * number) % number,
        code / (number * number * number)
      };
      int perColumn = 0;
      for (int row : rows) {
        for (int j = 0; j < SIDE; j++) {
          perColumn += (choices[row] >> j & 1) << (4 * j);
        }
      }
      if (perColumn == kept * 0x1111) {
        for (int i = 0; i < SIDE; i++) {
          found.add(i * number + rows[i]);
        }
      }
    }
    masks = found.stream().mapToInt(Integer::intValue).toArray();
    values = new float[SIDE * number];
  }

  /** Returns the number of masks. */
  int size() {
    return masks.length / SIDE;
  }

  /**
   * Sets the mask [rows, columns] of scores [rows, columns], both row-major, sides multiples of 4.
   */
  void project(float[] scores, int columns, float[] mask) {
    for (int top = 0; top < scores.length; top += SIDE * columns) {
      for (int left = 0; left < columns; left += SIDE) {
        int best = best(scores, top + left, columns);
        for (int i = 0; i < SIDE; i++) {
          int bits = choices[masks[SIDE * best + i] % choices.length];
          for (int j = 0; j < SIDE; j++) {
            mask[top + left + i * columns + j] = bits >> j & 1;
          }
        }
      }
    }
  }

  private int best(float[] scores, int at, int stride) {
    for (int i = 0; i < SIDE; i++) {
      int start = at + i * stride;
      for (int c = 0; c < choices.length; c++) {
        float sum = 0;
        for (int bits = choices[c]; bits != 0; bits &= bits - 1) {
          sum += scores[start + Integer.numberOfTrailingZeros(bits)];
        }
        values[i * choices.length + c] = sum;
      }
    }
    int best = 0;
    float most = Float.NEGATIVE_INFINITY;
    for (int m = 0; m < masks.length; m += SIDE) {
      float sum =
          (values[masks[m]] + values[masks[m + 1]]) + (values[masks[m + 2]] + values[masks[m + 3]]);
      if (sum > most) {
        most = sum;
        best = m / SIDE;
      }
    }
    return best;
  }
}
