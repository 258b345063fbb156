package dev.falconer.kernel.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table that is read in a terminal and in Markdown. */
final class MarkdownTable {
  private final List<List<String>> lines = new ArrayList<>();

  MarkdownTable(String... titles) {
    lines.add(List.of(titles));
  }

  void add(String... cells) {
    lines.add(List.of(cells));
  }

  /** Prints it, cells that begin with a digit at the right. */
  void print(PrintWriter text) {
    int columns = lines.getFirst().size();
    var widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (int row = 0; row < lines.size(); row++) {
      for (int i = 0; i < columns; i++) {
        String cell = lines.get(row).get(i);
        String room = " ".repeat(widths[i] - cell.length());
        boolean isNumber = !cell.isEmpty() && Character.isDigit(cell.charAt(0));
        text.print(isNumber ? "| " + room + cell + " " : "| " + cell + room + " ");
      }
      text.println("|");
      if (row == 0) {
        for (int width : widths) {
          text.print("|" + "-".repeat(width + 2));
        }
        text.println("|");
      }
    }
  }
}
