package dev.falconer.compressor.report;

import java.util.List;
import java.util.Locale;

/**
 * A target for the whole model and what was found for it.
 *
 * @param asked as on the command line
 * @param unit "bytes" of the file, or "ms" of a call in ONNX Runtime, one thread
 * @param limit what the target is, in the unit
 * @param expected of the plan that was chosen, from what was measured of single layers
 * @param reached by the compressed model
 * @param error sum over the layers of the outputs' error when only that layer is treated
 * @param frontier the best sums of errors by what they take; none that lie above its chords
 * @param options all that was measured
 */
public record TargetReport(
    String asked,
    String unit,
    double limit,
    double expected,
    double reached,
    double error,
    List<Point> frontier,
    List<Option> options) {
  /** The least error of some size or time, in the target's unit. */
  public record Point(double cost, double error) {}

  /**
   * Something that a layer could get.
   *
   * @param change of the size or the time, in the target's unit
   * @param error of the outputs when only this layer gets it
   */
  public record Option(String layer, String what, double change, double error) {}

  /** Copies the lists. */
  public TargetReport {
    frontier = List.copyOf(frontier);
    options = List.copyOf(options);
  }

  /** Returns whether the model is within the target. */
  public boolean isMet() {
    return reached <= limit;
  }

  /** Returns a line that says so. */
  public String text() {
    String number = unit.equals("bytes") ? "%,.0f" : "%.4f";
    return String.format(
        Locale.ROOT,
        "target %s: at most " + number + " %s, expected " + number + ", reached " + number + ": %s",
        asked,
        limit,
        unit,
        expected,
        reached,
        isMet() ? "met" : "MISSED");
  }
}
