package dev.falconer.compressor.evaluate;

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties
 * counted half. Rows are sorted once; a resample then costs one pass.
 */
final class Auc implements Bootstrap.Statistic {
  /** User of each row, by rising score; the complement (~user) where the label is positive. */
  private final int[] rows;

  /** Whether the row's score is that of the row before. */
  private final boolean[] tied;

  /**
   * @param users [n] index of each row's user
   * @param scores [n], no NaN
   * @param positive [n] labels
   */
  Auc(int[] users, float[] scores, boolean[] positive) {
    int[] order = Sorting.ascending(scores);
    rows = new int[order.length];
    tied = new boolean[order.length];
    for (int i = 0; i < order.length; i++) {
      int row = order[i];
      rows[i] = positive[row] ? ~users[row] : users[row];
      tied[i] = i > 0 && scores[row] == scores[order[i - 1]];
    }
  }

  @Override
  public double of(int[] weights) {
    // Sums of counts: exact in long up to 2^62 pairs, doubled for the half ties.
    long doubledPairs = 0;
    long negativesBelow = 0;
    long positives = 0;
    long groupPositives = 0;
    long groupNegatives = 0;
    for (int i = 0; i < rows.length; i++) {
      if (!tied[i]) {
        doubledPairs += groupPositives * (2 * negativesBelow + groupNegatives);
        negativesBelow += groupNegatives;
        positives += groupPositives;
        groupPositives = 0;
        groupNegatives = 0;
      }
      int row = rows[i];
      if (row < 0) {
        groupPositives += weights[~row];
      } else {
        groupNegatives += weights[row];
      }
    }
    doubledPairs += groupPositives * (2 * negativesBelow + groupNegatives);
    negativesBelow += groupNegatives;
    positives += groupPositives;
    double pairs = (double) positives * negativesBelow;
    return pairs == 0 ? Double.NaN : doubledPairs / (2 * pairs);
  }
}
