package dev.falconer.compressor.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * How much worse than the dense model a compressed one may be on held-out labels, in every task.
 * What counts is the difference measured; its interval tells how certain that is.
 *
 * @param aucLoss share of the dense model's AUC, at least 0
 * @param neRise share of the dense model's normalized entropy, at least 0
 */
public record QualityGate(double aucLoss, double neRise) {
  /** Checks the ranges. */
  public QualityGate {
    if (!(aucLoss >= 0 && neRise >= 0)) {
      throw new IllegalArgumentException(
          "a loss of AUC of %s and a rise of NE of %s: at least 0".formatted(aucLoss, neRise));
    }
  }

  /**
   * What a task's difference is to the gate.
   *
   * @param difference compressed less dense
   * @param aucLimit the most that AUC may fall
   * @param neLimit the most that normalized entropy may rise
   */
  public record Verdict(Quality.Difference difference, double aucLimit, double neLimit) {
    /** Returns whether the difference is within both limits; not where it is undefined. */
    public boolean isWithin() {
      return difference.auc().value() >= -aucLimit
          && difference.normalizedEntropy().value() <= neLimit;
    }

    /** Returns whether the whole of both intervals is. */
    public boolean isCertain() {
      return difference.auc().low() >= -aucLimit
          && difference.normalizedEntropy().high() <= neLimit;
    }
  }

  /**
   * Returns the verdict on each task.
   *
   * @param dense qualities of the dense model
   * @param differences of the compressed model from it, of the same tasks
   * @throws IllegalArgumentException when a task's rows are all positive or all negative
   */
  public List<Verdict> of(List<Quality> dense, List<Quality.Difference> differences) {
    var verdicts = new ArrayList<Verdict>();
    for (int task = 0; task < dense.size(); task++) {
      Quality quality = dense.get(task);
      if (quality.positives() == 0 || quality.positives() == quality.rows()) {
        throw new IllegalArgumentException(
            "task \"%s\": %d of %d held-out labels are positive; the gate needs both kinds, give more"
                    .formatted(quality.task(), quality.positives(), quality.rows())
                + " examples");
      }
      verdicts.add(
          new Verdict(
              differences.get(task),
              aucLoss * quality.auc().value(),
              neRise * quality.normalizedEntropy().value()));
    }
    return List.copyOf(verdicts);
  }
}
