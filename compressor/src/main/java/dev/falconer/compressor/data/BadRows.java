package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Mapping.Format;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts the rows that can't be used, shows the first ten, and refuses too many. */
final class BadRows {
  private static final int SHOWN = 10;
  private static final int SHOWN_CHARACTERS = 100;

  /** The scan that filled the table; earlier ones looked at a sample. */
  private static final String LAST_SCAN = "(SELECT max(scan_id) FROM reject_scans)";

  private final Mapping mapping;
  private final Duck duck;

  BadRows(Mapping mapping, Duck duck) {
    this.mapping = mapping;
    this.duck = duck;
  }

  /**
   * Tells of bad rows.
   *
   * @throws LogException when they are more than the mapping's limit, or no row is left
   */
  void check(Progress progress) throws IOException {
    List<Set<Long>> rejected = rejected();
    long broken = rejected.stream().mapToLong(Set::size).sum();
    long rows = duck.number("SELECT count(*) FROM log_rows") + broken;
    long bad = duck.number("SELECT count(*) FROM log_rows WHERE x IS NOT NULL") + broken;
    String files = String.join(", ", mapping.log().files().stream().map(f -> f + "").toList());
    if (rows == 0) {
      throw new LogException(files + " holds no rows");
    }
    if (bad == 0) {
      return;
    }
    String shown =
        "%s: %d of %d rows are bad:%n%s"
            .formatted(files, bad, rows, String.join(System.lineSeparator(), first(rejected)));
    if (bad > mapping.badRowLimit() * rows || bad == rows) {
      throw new LogException(
          "%s%nthat is more than the limit of %s %% (bad_row_limit in the mapping)"
              .formatted(shown, percent()));
    }
    progress.note(shown + System.lineSeparator() + "they are left out");
  }

  private String percent() {
    return Double.toString(mapping.badRowLimit() * 100).replaceFirst("\\.0$", "");
  }

  /** The lines of each file that DuckDB took for no row. */
  private List<Set<Long>> rejected() throws LogException {
    var lines = new ArrayList<Set<Long>>();
    mapping.log().files().forEach(f -> lines.add(new HashSet<>()));
    if (mapping.log().format() == Format.CSV) {
      duck.each(
          "SELECT DISTINCT file_id, line FROM reject_errors WHERE scan_id = " + LAST_SCAN,
          row -> lines.get(row.getInt(1)).add(row.getLong(2)));
    }
    return lines;
  }

  private List<String> first(List<Set<Long>> rejected) throws IOException {
    var problems = new TreeMap<Long, String>();
    duck.each(
        "SELECT r, x FROM log_rows WHERE x IS NOT NULL ORDER BY r LIMIT " + SHOWN,
        row -> problems.put(row.getLong(1), row.getString(2)));
    var texts = new ArrayList<String>();
    if (mapping.log().format() != Format.CSV) {
      problems.forEach((row, problem) -> texts.add("  row %d: %s".formatted(row, problem)));
      return texts;
    }
    var byPlace = new TreeMap<String, String>();
    Map<String, String> broken = messages();
    CsvLines.find(
        mapping.log(),
        problems.keySet(),
        rejected,
        new CsvLines.Finder() {
          @Override
          public void row(long row, CsvLines.Line line) {
            add(line, String.valueOf(problems.get(row)));
          }

          @Override
          public void rejected(int file, long record, CsvLines.Line line) {
            add(line, String.valueOf(broken.get(place(file, record))));
          }

          private void add(CsvLines.Line line, String problem) {
            int file = mapping.log().files().indexOf(line.file());
            byPlace.put(place(file, line.number()), show(line, problem));
            if (byPlace.size() > SHOWN) {
              byPlace.pollLastEntry();
            }
          }
        });
    return List.copyOf(byPlace.values());
  }

  /** What DuckDB says of the records that are no rows, by place. */
  private Map<String, String> messages() throws LogException {
    var messages = new HashMap<String, String>();
    duck.each(
        "SELECT file_id, line, first(error_message) FROM reject_errors WHERE scan_id = "
            + LAST_SCAN
            + " GROUP BY file_id, line",
        row -> messages.put(place(row.getInt(1), row.getLong(2)), row.getString(3)));
    return messages;
  }

  private static String place(int file, long line) {
    return "%06d:%012d".formatted(file, line);
  }

  private static String show(CsvLines.Line line, String problem) {
    String text = line.text();
    String cut =
        text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
    return "  %s line %d: %s: %s".formatted(line.file().getFileName(), line.number(), problem, cut);
  }
}
