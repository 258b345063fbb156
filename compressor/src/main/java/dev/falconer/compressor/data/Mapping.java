package dev.falconer.compressor.data;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the columns of a log mean; the README's "use on your own log" lists the keys. Every
 * expression is a column's name or DuckDB SQL over the columns.
 *
 * @param log the interactions
 * @param itemIds how item ids are read
 * @param time when; see unit
 * @param request id of the request that showed a row; empty groups rows by user and time
 * @param tasks label by task, 0..1, null where unlabelled; empty when every row is a positive
 * @param history which rows enter the history; empty for those with any positive label
 * @param position order of the candidates in their request
 * @param candidateDense dense candidate features by name
 * @param contextDense dense request features by name
 * @param bid of the candidate
 * @param negatives sampled per positive; empty samples only where a log has no negatives
 * @param slateMax most candidates of a request that was grouped by time
 * @param badRowLimit largest fraction of bad rows, 0..1
 */
record Mapping(
    Source log,
    String user,
    String item,
    ItemIds itemIds,
    String time,
    TimeUnit unit,
    Optional<String> request,
    Map<String, String> tasks,
    Optional<String> history,
    Optional<Coded> action,
    Optional<Coded> surface,
    Optional<String> position,
    Map<String, String> candidateDense,
    Map<String, String> contextDense,
    Optional<String> bid,
    Optional<Integer> negatives,
    long negativesSeed,
    int slateMax,
    double badRowLimit,
    Optional<Items> items) {
  static final double BAD_ROW_LIMIT = .01;
  static final int SLATE_MAX = 8;

  Mapping {
    tasks = unmodifiable(tasks);
    candidateDense = unmodifiable(candidateDense);
    contextDense = unmodifiable(contextDense);
  }

  private static Map<String, String> unmodifiable(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** How the files of a table are written. */
  enum Format {
    CSV,
    PARQUET,
    JSON;

    /** Returns the format that the end of a file's name tells; CSV when it tells none. */
    static Format of(Path file) {
      String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
      if (name.endsWith(".parquet")) {
        return PARQUET;
      }
      return name.matches(".*\\.(json|jsonl|ndjson)(\\.xz|\\.gz)?") ? JSON : CSV;
    }
  }

  /** How item ids are read. */
  enum ItemIds {
    /** int64 when every id of the log is one in its shortest form, else strings. */
    AUTO,
    INT64,
    STRING
  }

  /** What a time is. */
  enum TimeUnit {
    /** A number by its size (seconds, milliseconds or microseconds since 1970), or ISO text. */
    AUTO,
    UNIX_S,
    UNIX_MS,
    ISO
  }

  /**
   * Files of one table.
   *
   * @param files read one after the other
   * @param delimiter between fields of CSV; empty for the one that the first line has most of
   * @param quote around fields of CSV; empty for none
   * @param skip lines of CSV before the first row (or before the header)
   * @param columns names; empty when the first line has them
   */
  record Source(
      List<Path> files,
      Format format,
      String delimiter,
      String quote,
      String encoding,
      int skip,
      List<String> columns) {
    Source {
      files = List.copyOf(files);
      columns = List.copyOf(columns);
    }

    Source withDelimiter(String other) {
      return new Source(files, format, other, quote, encoding, skip, columns);
    }

    /** Returns a file with a header and the format that its name tells. */
    static Source of(Path file) {
      return new Source(List.of(file), Format.of(file), "", "\"", "utf-8", 0, List.of());
    }
  }

  /**
   * A column of names.
   *
   * @param names in the order of their codes; empty for all that occur. Others are unknown.
   */
  record Coded(String expression, List<String> names) {
    Coded {
      names = List.copyOf(names);
    }
  }

  /**
   * The catalogue.
   *
   * @param category expressions, joined by a slash when several
   * @param separator cuts the category to its first part; empty for none
   */
  record Items(Source source, String item, List<String> category, String separator) {
    Items {
      category = List.copyOf(category);
    }
  }
}
