package dev.falconer.compressor.report;

import dev.falconer.compressor.evaluate.QualityGate;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import java.util.List;
import java.util.Locale;

/**
 * A speed-up that was wanted of the served graph and what was found for it.
 *
 * @param asked as on the command line
 * @param speedup wanted
 * @param graph that is timed, in words
 * @param kernels that multiply, in words
 * @param gate the quality that must be left
 * @param points compressed, timed and judged, in the order tried
 * @param frontier the best sums of errors by nanoseconds over the dense layers', from the times of
 *     single layers; none that lie above its chords
 * @param options all that was measured of single layers, their times in nanoseconds
 */
public record SpeedReport(
    String asked,
    double speedup,
    String graph,
    String kernels,
    QualityGate gate,
    List<Point> points,
    List<TargetReport.Point> frontier,
    List<TargetReport.Option> options) {
  /**
   * A compressed model.
   *
   * @param wanted speed-up that its layers were chosen for
   * @param time of its graph; the speed-up is over the dense one
   * @param error sum over the layers of the outputs' error when only that layer is treated
   * @param verdicts on its quality, by task
   * @param isTrained whether it was trained on under its zeros, for one shot was not within the
   *     gate
   * @param isWritten whether it is the result
   */
  public record Point(
      double wanted,
      Time time,
      double error,
      List<QualityGate.Verdict> verdicts,
      boolean isTrained,
      boolean isWritten) {
    /** Copies the list. */
    public Point {
      verdicts = List.copyOf(verdicts);
    }

    /** Returns whether every task is within the gate. */
    public boolean isWithin() {
      return verdicts.stream().allMatch(QualityGate.Verdict::isWithin);
    }

    /** Returns the point as the result. */
    public Point written() {
      return new Point(wanted, time, error, verdicts, isTrained, true);
    }
  }

  /** Copies the lists. */
  public SpeedReport {
    points = List.copyOf(points);
    frontier = List.copyOf(frontier);
    options = List.copyOf(options);
  }

  /** Returns whether the result is as fast as wanted, within the gate. */
  public boolean isMet() {
    return points.stream().anyMatch(each -> each.isWritten && each.time.speedup() >= speedup);
  }

  /** Returns the points as a table and a line that says what came of it, the last line ended. */
  public String text() {
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s; %s%n%-8s %-18s %10s  %-34s %-34s %s%n",
            graph,
            kernels,
            "wanted",
            "speed-up [95 %]",
            "error",
            "AUC less dense [95 %]",
            "NE less dense [95 %]",
            "within the gate"));
    for (Point point : points) {
      String head =
          String.format(
              Locale.ROOT,
              "%-8.2f %-18s %10.6f  ",
              point.wanted,
              String.format(
                  Locale.ROOT,
                  "%.2f [%.2f, %.2f]",
                  point.time.speedup(),
                  point.time.low(),
                  point.time.high()),
              point.error);
      for (QualityGate.Verdict verdict : point.verdicts) {
        text.append(
            String.format(
                Locale.ROOT,
                "%s%-34s %-34s %s %s%n",
                head,
                signed(verdict.difference().auc()),
                signed(verdict.difference().normalizedEntropy()),
                verdict.isWithin() ? (verdict.isCertain() ? "yes" : "yes, not certain") : "NO",
                verdict.difference().task()
                    + (point.isTrained ? ", trained on" : "")
                    + (point.isWritten ? "  <- written" : "")));
        head = " ".repeat(head.length());
      }
    }
    return text.append(verdict()).append('\n').toString();
  }

  private String verdict() {
    String gateText =
        String.format(
            Locale.ROOT,
            "AUC at most %s lower, NE at most %s higher, as shares of the dense model's",
            gate.aucLoss(),
            gate.neRise());
    if (isMet()) {
      return "%s: met; %s".formatted(asked, gateText);
    }
    return points.stream()
        .filter(Point::isWritten)
        .findFirst()
        .map(each ->
            String.format(
                Locale.ROOT,
                "%s: MISSED; %.2f is the most that was found within the gate: %s",
                asked,
                each.time.speedup(),
                gateText))
        .orElse(
            "%s: MISSED; nothing is written, for no compressed model was within the gate: %s"
                .formatted(asked, gateText));
  }

  private static String signed(dev.falconer.compressor.evaluate.Interval interval) {
    return String.format(
        Locale.ROOT, "%+.5f [%+.5f, %+.5f]", interval.value(), interval.low(), interval.high());
  }
}
