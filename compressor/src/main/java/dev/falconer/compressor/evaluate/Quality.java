package dev.falconer.compressor.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * How good a model is at one task on held-out rows, each figure with its interval over users.
 *
 * @param rows labelled candidates
 * @param positives of them
 * @param auc chance that a positive scores above a negative
 * @param normalizedEntropy log loss over the entropy of the held-out base rate; below 1 is better
 *     than knowing the rate
 * @param calibration predicted over observed positives; 1 is best
 * @param ndcg of the first {@link #NDCG_AT} of each slate
 * @param popularityAuc AUC of the item's events in training as the score: what any model must beat
 */
public record Quality(
    String task,
    long rows,
    long positives,
    Interval auc,
    Interval normalizedEntropy,
    Interval calibration,
    Interval ndcg,
    Interval popularityAuc) {
  /** Rows of a slate that its NDCG looks at. */
  public static final int NDCG_AT = 5;

  /** Difference of two models at one task, first less second, on the same resamples. */
  public record Difference(String task, Interval auc, Interval normalizedEntropy) {}

  /** Returns the quality per task, in the order of tasks. */
  public static List<Quality> of(Predictions predictions, Bootstrap bootstrap) {
    var qualities = new ArrayList<Quality>();
    for (int task = 0; task < predictions.tasks().size(); task++) {
      Predictions.Rows rows = predictions.rows(task);
      var sums = sums(predictions, rows);
      List<Interval> intervals =
          bootstrap.intervals(
              predictions.users(),
              List.<Bootstrap.Statistic>of(
                  new Auc(rows.user, rows.score, rows.positive),
                  sums::normalizedEntropy,
                  sums::calibration,
                  new Ndcg(predictions.users(), rows, NDCG_AT),
                  new Auc(rows.user, rows.popularity, rows.positive)));
      qualities.add(
          new Quality(
              predictions.tasks().get(task),
              rows.size(),
              positives(rows),
              intervals.get(0),
              intervals.get(1),
              intervals.get(2),
              intervals.get(3),
              intervals.get(4)));
    }
    return List.copyOf(qualities);
  }

  /**
   * Returns the differences per task, {@code one} less {@code other}: paired, so much narrower than
   * the two models' own intervals suggest.
   *
   * @throws IllegalArgumentException when the models were not scored on the same rows
   */
  public static List<Difference> differences(
      Predictions one, Predictions other, Bootstrap bootstrap) {
    if (!one.tasks().equals(other.tasks())) {
      throw new IllegalArgumentException(
          "tasks %s against %s".formatted(one.tasks(), other.tasks()));
    }
    var differences = new ArrayList<Difference>();
    for (int task = 0; task < one.tasks().size(); task++) {
      Predictions.Rows left = one.rows(task);
      Predictions.Rows right = other.rows(task);
      left.checkSame(right);
      var leftAuc = new Auc(left.user, left.score, left.positive);
      var rightAuc = new Auc(right.user, right.score, right.positive);
      UserSums leftSums = sums(one, left);
      UserSums rightSums = sums(other, right);
      List<Interval> intervals =
          bootstrap.intervals(
              one.users(),
              List.<Bootstrap.Statistic>of(
                  w -> leftAuc.of(w) - rightAuc.of(w),
                  w -> leftSums.normalizedEntropy(w) - rightSums.normalizedEntropy(w)));
      differences.add(new Difference(one.tasks().get(task), intervals.get(0), intervals.get(1)));
    }
    return List.copyOf(differences);
  }

  private static UserSums sums(Predictions predictions, Predictions.Rows rows) {
    return new UserSums(predictions.users(), rows.user, rows.score, rows.positive);
  }

  private static long positives(Predictions.Rows rows) {
    long count = 0;
    for (boolean positive : rows.positive) {
      count += positive ? 1 : 0;
    }
    return count;
  }
}
