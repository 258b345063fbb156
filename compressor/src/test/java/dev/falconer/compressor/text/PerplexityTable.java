package dev.falconer.compressor.text;

import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.text.Perplexity.Difference;
import dev.falconer.compressor.text.TrialBench.Result;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Results as tables in Markdown. */
final class PerplexityTable {
  private static final String NONE = "–";

  private final List<Trial> trials;
  private final Map<Trial, Result> results;

  /** Takes trials in the order of the rows, and the results of those that are done. */
  PerplexityTable(List<Trial> trials, Map<Trial, Result> results) {
    this.trials = List.copyOf(trials);
    this.results = Map.copyOf(results);
  }

  /** Returns perplexities, a row for each method. */
  String values(List<String> columns) {
    var text = new StringBuilder(head("perplexity", columns));
    for (String row : rows(columns)) {
      text.append(
          line(
              row,
              columns,
              column ->
                  find(row, column)
                      .map(found -> String.format(Locale.ROOT, "%.2f", found.perplexity().value()))
                      .orElse(NONE)));
    }
    return text.toString();
  }

  /**
   * Returns by how much the first of each two methods is above the second, in percent of the
   * perplexity with standard errors; in brackets where chance explains it, bold where the first is
   * higher.
   *
   * @param claims two methods each, of which papers say that the first is lower
   */
  String claims(List<List<String>> claims, List<String> columns) {
    var text = new StringBuilder(head("first over second", columns));
    for (Constants constants : List.of(Constants.PUBLISHED, Constants.OWN)) {
      for (List<String> claim : claims) {
        String low = new Trial(claim.getFirst(), constants, "").row();
        String high = rowAmong(claim.getLast(), constants, columns);
        String cells =
            line(
                low + " / " + high, columns, column -> cell(find(low, column), find(high, column)));
        if (cells.contains("±")) {
          text.append(cells);
        }
      }
    }
    return text.toString();
  }

  /** Returns by how much a column is above another, for every method that has both. */
  String columns(String low, String high) {
    var text = new StringBuilder(head("", List.of(low + " / " + high)));
    for (String row : rows(List.of(low))) {
      String cell = cell(find(row, low), find(row, high));
      if (!cell.equals(NONE)) {
        text.append(line(row, List.of(low), _ -> cell));
      }
    }
    return text.toString();
  }

  /** Methods that never look at targets have one row, the published one. */
  private String rowAmong(String method, Constants constants, List<String> columns) {
    String row = new Trial(method, constants, "").row();
    return rows(columns).contains(row) ? row : method;
  }

  private static String cell(Optional<Result> low, Optional<Result> high) {
    if (low.isEmpty() || high.isEmpty()) {
      return NONE;
    }
    Difference more = low.get().perplexity().over(high.get().perplexity());
    String percent =
        String.format(
            Locale.ROOT, "%+.1f ± %.1f %%", 100 * Math.expm1(more.nats()), 100 * more.error());
    if (more.isNoise()) {
      return "(" + percent + ")";
    }
    return more.nats() > 0 ? "**" + percent + "**" : percent;
  }

  private Optional<Result> find(String row, String column) {
    return results.entrySet().stream()
        .filter(each -> each.getKey().row().equals(row) && each.getKey().column().equals(column))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private List<String> rows(List<String> columns) {
    Set<String> rows = new LinkedHashSet<>();
    for (Trial trial : trials) {
      if (results.containsKey(trial) && columns.contains(trial.column())) {
        rows.add(trial.row());
      }
    }
    return new ArrayList<>(rows);
  }

  private static String head(String first, List<String> columns) {
    return line(first, columns, column -> column) + "|---" + "|---".repeat(columns.size()) + "|\n";
  }

  private static String line(String first, List<String> columns, Function<String, String> cell) {
    var text = new StringBuilder("| " + first);
    columns.forEach(column -> text.append(" | ").append(cell.apply(column)));
    return text + " |\n";
  }
}
