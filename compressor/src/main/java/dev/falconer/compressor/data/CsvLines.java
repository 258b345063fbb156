package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Mapping.Source;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Headers and lines of CSV files, as they are in the files. */
final class CsvLines {
  /** The first is taken where none splits. */
  private static final List<String> DELIMITERS = List.of(",", "\t", ";", "|");

  private CsvLines() {}

  /** A line of a file, to be shown; lines count from 1. */
  record Line(Path file, long number, String text) {}

  private static BufferedReader open(Source source, Path file) throws IOException {
    Charset charset =
        source.encoding().toLowerCase(Locale.ROOT).startsWith("latin")
            ? StandardCharsets.ISO_8859_1
            : StandardCharsets.UTF_8;
    return new BufferedReader(new InputStreamReader(Unpacking.open(file), charset));
  }

  /** The first line after those to skip, without a byte-order mark. */
  private static String head(Source source) throws IOException {
    Path first = source.files().getFirst();
    try (BufferedReader reader = open(source, first)) {
      String header = reader.readLine();
      for (int skipped = 0; header != null && skipped < source.skip(); skipped++) {
        header = reader.readLine();
      }
      if (header == null) {
        throw new LogException(first + " is empty");
      }
      return header.replaceFirst("^\uFEFF", "");
    }
  }

  /** Returns the delimiter that splits the first line into most fields. */
  static String delimiter(Source source) throws IOException {
    String head = head(source);
    return DELIMITERS.stream()
        .max(Comparator.comparingInt(d -> split(head, source.withDelimiter(d)).size()))
        .orElseThrow();
  }

  /** Returns the names of the columns; those without a name get one from their place. */
  static List<String> columns(Source source) throws IOException {
    if (!source.columns().isEmpty()) {
      return source.columns();
    }
    var columns = new ArrayList<String>();
    for (String field : split(head(source), source)) {
      String name = field.isBlank() ? "column" + columns.size() : field.strip();
      while (columns.contains(name)) {
        name += "_";
      }
      columns.add(name);
    }
    return columns;
  }

  private static List<String> split(String line, Source source) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      if (!source.quote().isEmpty() && line.startsWith(source.quote(), i)) {
        isQuoted = !isQuoted;
      } else if (!isQuoted && line.startsWith(source.delimiter(), i)) {
        fields.add(field.toString());
        field.setLength(0);
        i += source.delimiter().length() - 1;
      } else {
        field.append(line.charAt(i));
      }
    }
    fields.add(field.toString());
    return fields;
  }

  /** Told of the places of rows. */
  interface Finder {
    /** An accepted row, counted from 1 over all files, begins at a line. */
    void row(long row, Line line);

    /** A record of a file that is no row, counted from 1, begins at a line. */
    void rejected(int file, long record, Line line);
  }

  /**
   * Finds the lines where rows begin.
   *
   * @param rows the accepted rows to find
   * @param rejected per file the records, counted as DuckDB does (a header and empty lines count, a
   *     field with line breaks doesn't), that are no rows
   */
  static void find(Source source, Set<Long> rows, List<Set<Long>> rejected, Finder finder)
      throws IOException {
    long row = 0;
    for (int f = 0; f < source.files().size(); f++) {
      Path file = source.files().get(f);
      long head = (long) source.skip() + (source.columns().isEmpty() ? 1 : 0);
      long record = 0;
      boolean isInside = false;
      try (BufferedReader reader = open(source, file)) {
        String text = reader.readLine();
        for (long number = 1; text != null; number++) {
          if (!isInside) {
            record++;
            var line = new Line(file, number, text);
            if (rejected.get(f).contains(record)) {
              finder.rejected(f, record, line);
            } else if (record > head && !text.isEmpty() && rows.contains(++row)) {
              finder.row(row, line);
            }
          }
          boolean isRejected = rejected.get(f).contains(record);
          isInside = !isRejected && isInside != opensQuote(text, source);
          text = reader.readLine();
        }
      }
    }
  }

  /** Whether a line holds an odd number of quotes, so that a field goes on in the next. */
  private static boolean opensQuote(String line, Source source) {
    if (source.quote().isEmpty()) {
      return false;
    }
    char quote = source.quote().charAt(0);
    return line.chars().filter(c -> c == quote).count() % 2 == 1;
  }
}
