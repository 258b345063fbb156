package dev.falconer.loadtest.demo;

import dev.falconer.loadtest.load.Machine;
import dev.falconer.loadtest.report.TextTable;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table that the demo ends with. */
final class SummaryTable {
  private static final List<String> SLATES = List.of(DemoCommands.SLATES.split(","));

  private SummaryTable() {}

  static String text(Results results, Folders folders) {
    return """

    %s log %s, task %s, test slice by time; intervals of 95 %% over users
    %s
    Latency of the student in ms, one thread, history of its full length
    %s
    Server overhead over bare ONNX Runtime: %.0f us at 256 candidates
    On %s, %s; %.0f s in all

    Bundle   %s
    Report   %s
    Summary  %s
    """
        .formatted(
            capital(results.surface()),
            results.data(),
            results.student().task(),
            quality(results),
            latency(results),
            results.overheadMicros(),
            Machine.describe(),
            LocalDate.now(ZoneId.systemDefault()),
            results.seconds().getOrDefault("total", 0.0),
            folders.bundle(),
            folders.report().resolve("loadtest.html"),
            folders.summary());
  }

  private static TextTable quality(Results results) {
    var table =
        new TextTable("model", "AUC", "interval", "NE", "calibration", "parameters", "bytes");
    row(table, "teacher", results.teacher());
    row(table, "student, sparse, served", results.student());
    row(table, "append, 1 layer", results.append().quality());
    row(table, "concat, 1 layer", results.concat().quality());
    row(table, "no history", results.none().quality());
    table.row("popularity", number(results.student().main("popularity_auc")));
    return table;
  }

  private static void row(TextTable table, String name, ModelQuality quality) {
    table.row(
        name,
        number(quality.main("auc")),
        "[%s, %s]"
            .formatted(number(quality.interval("auc", 0)), number(quality.interval("auc", 1))),
        number(quality.main("ne")),
        number(quality.main("calibration")),
        "%,d".formatted(quality.parameters()),
        "%,d".formatted(quality.bytes()));
  }

  private static TextTable latency(Results results) {
    var header = new ArrayList<String>(List.of("candidates"));
    header.addAll(SLATES);
    var table = new TextTable(header.toArray(String[]::new));
    row(table, "whole, not amortised", results, "whole");
    row(table, "whole, trimmed", results, "trimmed");
    row(table, "amortised, miss", results, "amortised_miss");
    row(table, "amortised, hit", results, "amortised_hit");
    row(table, "amortised, hit, int8 of ONNX Runtime", results, "compressed_hit");
    row(table, "amortised, hit, packed", results, "packed_hit");
    row(table, "amortised, hit, packed int8", results, "packed_int8_hit");
    speedUp(table, "speed-up: whole over hit", results, "whole", "amortised_hit");
    speedUp(table, "          whole over miss", results, "whole", "amortised_miss");
    speedUp(table, "          trimmed over hit", results, "trimmed", "amortised_hit");
    speedUp(table, "          whole over packed int8 hit", results, "whole", "packed_int8_hit");
    return table;
  }

  private static void row(TextTable table, String name, Results results, String way) {
    var cells = new ArrayList<String>(List.of(name));
    SLATES.forEach(m -> cells.add(number(millis(results, way, m))));
    table.row(cells);
  }

  private static void speedUp(
      TextTable table, String name, Results results, String slow, String fast) {
    var cells = new ArrayList<String>(List.of(name));
    SLATES.forEach(
        m -> cells.add("%.0fx".formatted(millis(results, slow, m) / millis(results, fast, m))));
    table.row(cells);
  }

  private static double millis(Results results, String way, String m) {
    return results.latency().path(way).path(m).asDouble(Double.NaN);
  }

  private static String number(double value) {
    return Double.isNaN(value)
        ? "-"
        : value >= 100
            ? "%.1f".formatted(value)
            : value >= 10 ? "%.2f".formatted(value) : "%.3f".formatted(value);
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
