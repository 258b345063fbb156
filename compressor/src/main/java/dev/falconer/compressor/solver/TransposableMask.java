package dev.falconer.compressor.solver;

import java.util.Arrays;

/**
 * The best transposable N:M masks of a matrix's M x M blocks, and the column prices that prove
 * them. Of every M consecutive weights of a row, and of every M consecutive of a column, exactly N
 * are kept, so that the transpose is N:M too; the sum of the kept scores is the largest possible
 * (arXiv 2505.23949, problem (2), solved exactly).
 *
 * <p>The prices stay between calls: scores that have changed little since the last call, as within
 * ADMM, cost about a third less. The mask does not depend on them but for ties. Not for several
 * threads at once.
 */
final class TransposableMask {
  /** Rounds of balancing before a first flow; more cost more than they save. */
  private static final int BALANCING = 3;

  private final int rows;
  private final int columns;
  private final int kept;
  private final int group;
  private final float[] prices;
  private boolean priced;
  private long chains;

  /** Masks of one shape; throws IllegalArgumentException where M divides rows or columns not. */
  TransposableMask(int rows, int columns, int kept, int group) {
    if (rows % group != 0 || columns % group != 0) {
      throw new IllegalArgumentException(
          "a transposable %d:%d mask needs multiples of %d outputs and inputs, got [%d, %d]; choose an M that divides both"
              .formatted(kept, group, group, rows, columns));
    }
    this.rows = rows;
    this.columns = columns;
    this.kept = kept;
    this.group = group;
    new TransposableBlock(kept, group); // N:M checked before the work
    prices = group == 4 ? new float[0] : new float[rows / group * columns];
  }

  /** Returns the chains of exchanges that all calls needed, a measure of the work. */
  long chains() {
    return chains;
  }

  /**
   * Finds the masks.
   *
   * @param scores [rows, columns] row-major, finite; |w| to keep the largest sum of magnitudes, w²
   *     to project onto the nearest matrix of the pattern
   * @param mask [rows, columns] row-major, becomes 1 where kept, 0 elsewhere
   */
  void project(float[] scores, float[] mask) {
    if (scores.length != rows * columns || mask.length != scores.length) {
      throw new IllegalArgumentException(
          "%d scores and a mask of %d for [%d, %d]"
              .formatted(scores.length, mask.length, rows, columns));
    }
    checkFinite(scores);
    if (group == 4) {
      new FourByFour(kept).project(scores, columns, mask);
      return;
    }
    var block = new TransposableBlock(kept, group);
    float[] local = block.scores();
    for (int top = 0; top < rows; top += group) {
      for (int left = 0; left < columns; left += group) {
        for (int i = 0; i < group; i++) {
          System.arraycopy(scores, (top + i) * columns + left, local, i * group, group);
        }
        int at = top / group * columns + left;
        block.balance(prices, at, priced ? 1 : BALANCING);
        chains += block.solve(prices, at);
        for (int i = 0; i < group; i++) {
          int start = (top + i) * columns + left;
          long row = block.row(i);
          for (int j = 0; j < group; j++) {
            mask[start + j] = row >>> j & 1;
          }
        }
      }
    }
    priced = true;
  }

  /** Forgets the prices: the next call starts as the first did. */
  void forget() {
    Arrays.fill(prices, 0);
    priced = false;
  }

  private static void checkFinite(float[] scores) {
    float sum = 0;
    for (float score : scores) {
      sum += score * 0;
    }
    if (sum != 0) { // NaN: something was not finite
      throw new IllegalArgumentException("the scores hold NaN or infinity");
    }
  }
}
