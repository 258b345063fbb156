package dev.falconer.loadtest.report;

import dev.falconer.loadtest.load.LoadResult;
import dev.falconer.loadtest.load.Measured;
import java.util.Locale;

/** A load test's result as a table for the terminal. */
public final class TerminalReport {
  private TerminalReport() {}

  /** Returns the table and a sentence for each mode that never met the objective. */
  public static String text(LoadResult result) {
    var slo = result.scenario().sloP99Millis();
    var table =
        new TextTable(
            "mode",
            "alone p50 ms",
            "p99 ms",
            "highest rate/s",
            "p50 ms",
            "p99 ms",
            "errors",
            "hit");
    var notes = new StringBuilder();
    for (var mode : result.modes()) {
      var name = mode.mode().name().toLowerCase(Locale.ROOT);
      var closed = mode.closed();
      var best = mode.best();
      table.row(
          name,
          number(closed.millis(50)),
          number(closed.millis(99)),
          best.map(run -> "%.0f".formatted(run.rate())).orElse("none"),
          best.map(run -> number(run.millis(50))).orElse("-"),
          best.map(run -> number(run.millis(99))).orElse("-"),
          best.or(() -> java.util.Optional.of(closed))
              .map(run -> run.errors().isEmpty() ? "0" : run.errors().toString())
              .orElse("-"),
          hits(best.orElse(closed)));
      if (best.isEmpty()) {
        notes.append(
            "%s never met p99 <= %s ms: one client alone has p50 %s ms, p99 %s ms%n"
                .formatted(
                    name, number(slo), number(closed.millis(50)), number(closed.millis(99))));
      }
    }
    return "%s %s at %s, %d candidates, history %d to %d events, objective p99 <= %s ms%n%s%n%s%s"
        .formatted(
            result.model(),
            result.version(),
            result.target(),
            result.scenario().candidates(),
            result.historyLow(),
            result.historyHigh(),
            number(slo),
            "On " + result.machine() + "; latency from the intended start.",
            table,
            notes);
  }

  private static String hits(Measured run) {
    long hit = run.states().getOrDefault("HIT", 0L);
    return run.answered() == 0 ? "-" : "%.0f%%".formatted(100.0 * hit / run.answered());
  }

  private static String number(double value) {
    return Double.isNaN(value)
        ? "-"
        : value < 10 ? "%.2f".formatted(value) : "%.1f".formatted(value);
  }
}
