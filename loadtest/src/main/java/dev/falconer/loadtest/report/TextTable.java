package dev.falconer.loadtest.report;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells printed in aligned columns: the first flush left, the others flush right. */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  /** Starts a table with its header. */
  public TextTable(String... header) {
    rows.add(List.of(header));
  }

  /** Adds a row; one without cells for the last columns leaves them empty. */
  public TextTable row(String... cells) {
    return row(List.of(cells));
  }

  /** Adds a row. */
  public TextTable row(List<String> cells) {
    rows.add(List.copyOf(cells));
    return this;
  }

  @Override
  public String toString() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      var line = new StringBuilder();
      for (int i = 0; i < rows.get(r).size(); i++) {
        var cell = rows.get(r).get(i);
        var pad = " ".repeat(widths[i] - cell.length());
        line.append(i == 0 ? cell + pad : "  " + pad + cell);
      }
      text.append(line.toString().stripTrailing()).append('\n');
      if (r == 0) {
        int width = java.util.Arrays.stream(widths).sum() + 2 * (columns - 1);
        text.append("-".repeat(width)).append('\n');
      }
    }
    return text.toString();
  }
}
