package dev.falconer.compressor.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * How alike two models score the same candidates at one task; what rounding changes, say.
 *
 * @param largest difference of two scores of a candidate; NaN where a score is
 * @param pairs of candidates of one request that the first model tells apart
 * @param concordance share of them that the second puts in the same order; 1 where there are none
 */
public record Agreement(String task, double largest, long pairs, double concordance) {

  /**
   * Returns the agreement per task.
   *
   * @throws IllegalArgumentException when the models were not scored on the same rows
   */
  public static List<Agreement> of(Predictions one, Predictions other) {
    if (!one.tasks().equals(other.tasks())) {
      throw new IllegalArgumentException(
          "tasks %s against %s".formatted(one.tasks(), other.tasks()));
    }
    var all = new ArrayList<Agreement>();
    for (int task = 0; task < one.tasks().size(); task++) {
      one.rows(task).checkSame(other.rows(task));
      all.add(of(one.tasks().get(task), one.rows(task), other.rows(task)));
    }
    return List.copyOf(all);
  }

  private static Agreement of(String task, Predictions.Rows one, Predictions.Rows other) {
    double largest = 0;
    long pairs = 0;
    long alike = 0;
    for (int i = 0; i < one.size(); i++) {
      largest = Math.max(largest, Math.abs((double) one.score[i] - other.score[i]));
      for (int j = i + 1; j < one.size() && one.slate[j] == one.slate[i]; j++) {
        float order = Math.signum(one.score[i] - one.score[j]);
        pairs += order == 0 ? 0 : 1;
        alike += order != 0 && order == Math.signum(other.score[i] - other.score[j]) ? 1 : 0;
      }
    }
    return new Agreement(task, largest, pairs, pairs == 0 ? 1 : (double) alike / pairs);
  }
}
