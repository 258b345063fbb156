package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Mapping.Format;
import dev.falconer.compressor.data.Mapping.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a mapping as a table of DuckDB. The fields of CSV are read as text and given the
 * type that almost all of the first rows have, so that a field of another type is a bad row with a
 * line, and not a column that silently became text.
 */
final class Table {
  private static final int SAMPLE_ROWS = 10_000;
  private static final double TYPE_SHARE = .95;

  /** Words that say "no value" in columns of numbers. */
  private static final String MISSING =
      "('NA', 'N/A', 'nan', 'NaN', 'null', 'NULL', 'None', '\\N')";

  private static final Pattern WORD =
      Pattern.compile("'(?:[^']|'')*'|\"((?:[^\"]|\"\")*)\"|([\\p{L}_][\\p{L}\\p{N}_]*)");

  private final Duck duck;
  private final Source source;
  private final List<Path> plain;
  private final List<String> csvColumns;
  private final String scan;
  private final Map<String, String> types = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();

  /** Returns the table of files, given unpacked. */
  Table(Duck duck, Source source, List<Path> plain) throws IOException {
    this.duck = duck;
    this.source =
        source.format() == Format.CSV && source.delimiter().isEmpty()
            ? source.withDelimiter(CsvLines.delimiter(source))
            : source;
    this.plain = plain;
    this.csvColumns = source.format() == Format.CSV ? CsvLines.columns(this.source) : List.of();
    this.scan = scan();
    try {
      duck.each(
          "DESCRIBE SELECT * FROM " + scan,
          row -> types.put(row.getString("column_name"), row.getString("column_type")));
      if (source.format() == Format.CSV) {
        guessTypes();
      }
    } catch (LogException e) {
      throw new LogException("%s can't be read: %s".formatted(files(), e.getMessage()), e);
    }
  }

  /** Returns the files' names, to be shown. */
  String files() {
    return String.join(", ", source.files().stream().map(Path::toString).toList());
  }

  private String scan() {
    String files =
        "[%s]".formatted(String.join(", ", plain.stream().map(f -> Duck.text(f + "")).toList()));
    return switch (source.format()) {
      case PARQUET -> "read_parquet(" + files + ")";
      case JSON -> "read_json_auto(" + files + ")";
      case CSV -> {
        var options = new ArrayList<String>();
        options.add("delim = " + Duck.text(source.delimiter()));
        options.add("quote = " + Duck.text(source.quote()));
        options.add("escape = " + Duck.text(source.quote()));
        options.add("encoding = " + Duck.text(source.encoding()));
        options.add("skip = " + source.skip());
        options.add("header = " + source.columns().isEmpty());
        options.add("auto_detect = false, all_varchar = true, strict_mode = true");
        options.add("ignore_errors = true, store_rejects = true");
        options.add("columns = " + columns());
        yield "read_csv(%s, %s)".formatted(files, String.join(", ", options));
      }
    };
  }

  private String columns() {
    String types = "";
    for (String column : csvColumns) {
      types += (types.isEmpty() ? "" : ", ") + Duck.text(column) + ": 'VARCHAR'";
    }
    return "{" + types + "}";
  }

  /** Gives each column of text the type that almost all filled fields of the sample have. */
  private void guessTypes() throws LogException {
    var sums = new ArrayList<String>();
    for (String column : types.keySet()) {
      String c = Duck.name(column);
      String filled = "%s IS NOT NULL AND %s NOT IN %s".formatted(c, c, MISSING);
      sums.add("count(*) FILTER (%s)".formatted(filled));
      sums.add("count(*) FILTER (regexp_full_match(%s, '[+-]?[0-9]{1,18}'))".formatted(c));
      for (String type : List.of("DOUBLE", "BOOLEAN", "TIMESTAMPTZ")) {
        sums.add(
            "count(*) FILTER (%s AND TRY_CAST(%s AS %s) IS NOT NULL)".formatted(filled, c, type));
      }
    }
    List<String> names = List.copyOf(types.keySet());
    List<String> choices = List.of("BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ");
    duck.each(
        "SELECT %s FROM (SELECT * FROM %s LIMIT %d)"
            .formatted(String.join(", ", sums), scan, SAMPLE_ROWS),
        row -> {
          for (int c = 0; c < names.size(); c++) {
            long filled = row.getLong(5 * c + 1);
            for (int k = choices.size() - 1; k >= 0; k--) {
              long fitting = row.getLong(5 * c + 2 + k);
              if (filled > 0 && fitting >= TYPE_SHARE * filled) {
                types.put(names.get(c), choices.get(k));
              }
            }
          }
        });
  }

  /** Returns SQL for an expression of the mapping, checked; its key is named in errors. */
  String expression(String key, String text) throws LogException {
    Optional<String> column = column(text);
    String sql = column.isPresent() ? Duck.name(column.get()) : "(" + text + ")";
    use(column, text);
    type(key, text, sql);
    return sql;
  }

  /** Returns SQL for an expression as text; a column's text is that of the file. */
  String text(String key, String text) throws LogException {
    String sql = expression(key, text);
    Optional<String> column = column(text);
    return column.isPresent() && source.format() == Format.CSV
        ? rawName(column.get())
        : "CAST(%s AS VARCHAR)".formatted(sql);
  }

  /** Returns the type of an expression's value. */
  String type(String key, String text) throws LogException {
    return type(key, text, expression(key, text));
  }

  private String type(String key, String text, String sql) throws LogException {
    try {
      return duck.strings(
              "SELECT column_type FROM (DESCRIBE SELECT %s FROM %s)".formatted(sql, rows()))
          .getFirst();
    } catch (LogException e) {
      throw new LogException(
          "%s: `%s` doesn't work on %s (columns %s): %s"
              .formatted(key, text, files(), types.keySet(), e.getMessage()),
          e);
    }
  }

  /** The column that a text is the name of. */
  private Optional<String> column(String text) {
    return types.containsKey(text)
        ? Optional.of(text)
        : types.keySet().stream().filter(text::equalsIgnoreCase).findFirst();
  }

  private void use(Optional<String> column, String text) {
    if (column.isPresent()) {
      used.add(column.get());
      return;
    }
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      String quoted = words.group(1);
      String word = quoted == null ? words.group(2) : quoted.replace("\"\"", "\"");
      if (word != null) {
        column(word).ifPresent(used::add);
      }
    }
  }

  private static String rawName(String column) {
    return Duck.name("raw of " + column);
  }

  /** Returns the rows as SQL: {@code __row} from 1, and the used columns with their types. */
  String rows() {
    var columns = new ArrayList<String>();
    columns.add("row_number() OVER () AS __row");
    for (String column : used) {
      String c = "source." + Duck.name(column);
      String type = String.valueOf(types.get(column));
      if (source.format() == Format.CSV) {
        columns.add("%s AS %s".formatted(c, rawName(column)));
        c = type.equals("VARCHAR") ? c : "TRY_CAST(%s AS %s)".formatted(c, type);
      }
      columns.add("%s AS %s".formatted(c, Duck.name(column)));
    }
    return "(SELECT %s FROM %s AS source)".formatted(String.join(", ", columns), scan);
  }

  /** Returns cases of SQL, "WHEN ... THEN problem", for fields that don't fit their column. */
  String misfits() {
    var cases = new StringBuilder();
    for (String column : used) {
      String type = String.valueOf(types.get(column));
      if (source.format() == Format.CSV && !type.equals("VARCHAR")) {
        String raw = rawName(column);
        cases.append(
            " WHEN %s IS NULL AND %s IS NOT NULL AND %s NOT IN %s THEN %s || left(%s, 40) || %s"
                .formatted(
                    Duck.name(column),
                    raw,
                    raw,
                    MISSING,
                    Duck.text("column " + column + " holds '"),
                    raw,
                    Duck.text("', no " + plainType(type))));
      }
    }
    return cases.toString();
  }

  private static String plainType(String type) {
    return switch (type) {
      case "BIGINT" -> "whole number";
      case "DOUBLE" -> "number";
      case "BOOLEAN" -> "truth value";
      default -> "time";
    };
  }
}
