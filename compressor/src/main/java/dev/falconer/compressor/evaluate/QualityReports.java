package dev.falconer.compressor.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.v1.QualityReport;
import java.util.List;

/** Qualities in the forms that leave this package: JSON, a bundle's manifest, a table. */
public final class QualityReports {
  private static final ObjectMapper JSON = new ObjectMapper();

  private QualityReports() {}

  /**
   * Returns tasks to figures: {"click": {"rows", "positives", "auc", "auc_ci": [low, high], "ne",
   * "ne_ci", "calibration", "calibration_ci", "ndcg_at_5", "ndcg_at_5_ci", "popularity_auc",
   * "popularity_auc_ci"}}. Undefined figures are null.
   */
  public static ObjectNode json(List<Quality> qualities) {
    ObjectNode tasks = JSON.createObjectNode();
    for (Quality quality : qualities) {
      ObjectNode task = tasks.putObject(quality.task());
      task.put("rows", quality.rows());
      task.put("positives", quality.positives());
      put(task, "auc", quality.auc());
      put(task, "ne", quality.normalizedEntropy());
      put(task, "calibration", quality.calibration());
      put(task, "ndcg_at_" + Quality.NDCG_AT, quality.ndcg());
      put(task, "popularity_auc", quality.popularityAuc());
    }
    return tasks;
  }

  /** Returns tasks to differences: {"click": {"auc", "auc_ci", "ne", "ne_ci"}}. */
  public static ObjectNode differencesJson(List<Quality.Difference> differences) {
    ObjectNode tasks = JSON.createObjectNode();
    for (Quality.Difference difference : differences) {
      ObjectNode task = tasks.putObject(difference.task());
      put(task, "auc", difference.auc());
      put(task, "ne", difference.normalizedEntropy());
    }
    return tasks;
  }

  /** Returns the reports of a bundle's manifest. */
  public static List<QualityReport> manifest(String variant, List<Quality> qualities) {
    return qualities.stream()
        .map(quality ->
            QualityReport.newBuilder()
                .setTask(quality.task())
                .setVariant(variant)
                .setAuc(proto(quality.auc()))
                .setNormalizedEntropy(proto(quality.normalizedEntropy()))
                .setCalibration(quality.calibration().value())
                .setRows(quality.rows())
                .build())
        .toList();
  }

  private static dev.falconer.v1.Interval proto(Interval interval) {
    return dev.falconer.v1.Interval.newBuilder()
        .setValue(interval.value())
        .setLow(interval.low())
        .setHigh(interval.high())
        .build();
  }

  private static void put(ObjectNode into, String name, Interval interval) {
    into.set(name, JSON.valueToTree(finite(interval.value())));
    into.putArray(name + "_ci")
        .add(JSON.valueToTree(finite(interval.low())))
        .add(JSON.valueToTree(finite(interval.high())));
  }

  /** JSON has no NaN. */
  private static @org.jspecify.annotations.Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
