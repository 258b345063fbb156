package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Mapping.Coded;
import dev.falconer.compressor.data.Mapping.ItemIds;
import dev.falconer.compressor.data.Mapping.Items;
import dev.falconer.compressor.data.Mapping.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads a log by its mapping, in DuckDB: every row gets its user, item, time and values, or the
 * problem that makes it a bad row; names become codes; then requests and events are fetched in
 * their orders into primitive arrays.
 */
final class LogReader {
  private static final int MOST_NAMES = 10_000;

  private final Mapping mapping;
  private final Path folder;
  private final Progress progress;

  LogReader(Mapping mapping, Path folder, Progress progress) {
    this.mapping = mapping;
    this.folder = folder;
    this.progress = progress;
  }

  Examples read() throws IOException {
    try (var duck = new Duck(folder)) {
      Table log = table(duck, mapping.log());
      progress.step("reading " + name(), 0, 0);
      duck.run("CREATE TABLE log_rows AS " + rows(log));
      new BadRows(mapping, duck).check(progress);
      return assemble(duck);
    }
  }

  private Table table(Duck duck, Source source) throws IOException {
    var plain = new ArrayList<Path>();
    for (Path file : source.files()) {
      plain.add(Unpacking.plain(file, folder, progress));
    }
    return new Table(duck, source, plain);
  }

  private String name() {
    List<Path> files = mapping.log().files();
    String first = String.valueOf(files.getFirst().getFileName());
    return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
  }

  /** Each row's columns and its problem, null for a good row. */
  private String rows(Table log) throws LogException {
    var columns = new ArrayList<String>();
    var problems = new StringBuilder();
    columns.add("__row AS r");
    columns.add("nullif(%s, '') AS u".formatted(log.text("user", mapping.user())));
    columns.add("nullif(%s, '') AS i".formatted(log.text("item", mapping.item())));
    columns.add(time(log) + " AS t");
    columns.add(
        mapping.request().isPresent()
            ? log.text("request", mapping.request().get()) + " AS q"
            : "NULL AS q");
    coded(log, "action", mapping.action(), "a", columns);
    coded(log, "surface", mapping.surface(), "s", columns);
    columns.add(
        mapping.position().isPresent()
            ? "TRY_CAST(%s AS DOUBLE) AS p"
                .formatted(log.expression("position", mapping.position().get()))
            : "0 AS p");
    int k = 0;
    for (var task : mapping.tasks().entrySet()) {
      String key = "tasks." + task.getKey();
      String sql = log.expression(key, task.getValue());
      columns.add("TRY_CAST(%s AS FLOAT) AS y%d".formatted(sql, k));
      problems.append(
          " WHEN y%d NOT BETWEEN 0 AND 1 OR isnan(y%d) THEN %s || y%d || %s"
              .formatted(
                  k,
                  k,
                  Duck.text("label " + task.getKey() + " is "),
                  k,
                  Duck.text(", outside 0..1")));
      k++;
    }
    if (mapping.tasks().isEmpty()) {
      columns.add("1::FLOAT AS y0");
    }
    k = 0;
    for (var feature : mapping.candidateDense().entrySet()) {
      number(
          log,
          "candidate_dense",
          feature.getKey(),
          feature.getValue(),
          "d" + k++,
          columns,
          problems);
    }
    k = 0;
    for (var feature : mapping.contextDense().entrySet()) {
      number(
          log, "context_dense", feature.getKey(), feature.getValue(), "c" + k++, columns, problems);
    }
    if (mapping.bid().isPresent()) {
      number(log, "bid", "bid", mapping.bid().get(), "b", columns, problems);
    }
    columns.add(history(log) + " AS h");
    String missing = " WHEN u IS NULL THEN 'no user' WHEN i IS NULL THEN 'no item'";
    missing += " WHEN t IS NULL THEN 'no readable time'";
    if (mapping.request().isPresent()) {
      missing += " WHEN q IS NULL THEN 'no request id'";
    }
    if (mapping.itemIds() == ItemIds.INT64) {
      missing += " WHEN %s THEN 'item id ' || i || ' is no int64'".formatted(isNoInt64());
    }
    // The inner level sees the file's columns, the outer one the values: names of one can't hide
    // those of the other.
    String misfits = log.misfits();
    columns.add((misfits.isEmpty() ? "NULL" : "CASE" + misfits + " END") + " AS misfit");
    return "SELECT * EXCLUDE (misfit), coalesce(misfit, CASE %s %s END) AS x FROM (SELECT %s FROM %s)"
        .formatted(missing, problems, String.join(", ", columns), log.rows());
  }

  private static String isNoInt64() {
    return "coalesce(CAST(TRY_CAST(i AS BIGINT) AS VARCHAR), '') <> i";
  }

  private static void coded(
      Table log, String key, Optional<Coded> coded, String name, List<String> columns)
      throws LogException {
    columns.add(
        coded.isPresent()
            ? "%s AS %s".formatted(log.text(key, coded.get().expression()), name)
            : "NULL AS " + name);
  }

  private static void number(
      Table log,
      String key,
      String feature,
      String expression,
      String column,
      List<String> columns,
      StringBuilder problems)
      throws LogException {
    String name = key.equals(feature) ? key : key + "." + feature;
    columns.add("TRY_CAST(%s AS FLOAT) AS %s".formatted(log.expression(name, expression), column));
    problems.append(
        " WHEN %s IS NULL OR NOT isfinite(%s) THEN %s"
            .formatted(column, column, Duck.text(name + " is no finite number")));
  }

  private String history(Table log) throws LogException {
    if (mapping.history().isPresent()) {
      String sql = log.expression("history", mapping.history().get());
      return "coalesce(TRY_CAST(%s AS BOOLEAN), false)".formatted(sql);
    }
    if (mapping.tasks().isEmpty()) {
      return "true";
    }
    var any = new ArrayList<String>();
    for (var task : mapping.tasks().entrySet()) {
      String sql = log.expression("tasks." + task.getKey(), task.getValue());
      any.add("coalesce(TRY_CAST(%s AS FLOAT) > 0, false)".formatted(sql));
    }
    return "(" + String.join(" OR ", any) + ")";
  }

  /** The time in microseconds. */
  private String time(Table log) throws LogException {
    String sql = log.expression("time", mapping.time());
    String type = log.type("time", mapping.time());
    boolean isTime = type.startsWith("TIMESTAMP") || type.equals("DATE");
    boolean isNumber =
        !isTime && type.matches("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*");
    return switch (mapping.unit()) {
      case UNIX_S -> micros(sql, "1e6");
      case UNIX_MS -> micros(sql, "1e3");
      case ISO -> "epoch_us(TRY_CAST(%s AS TIMESTAMPTZ))".formatted(sql);
      case AUTO -> {
        if (isNumber) {
          // Seconds until the year 5138, milliseconds until then too.
          yield "CASE WHEN abs(%s) < 1e11 THEN %s WHEN abs(%s) < 1e14 THEN %s ELSE %s END"
              .formatted(sql, micros(sql, "1e6"), sql, micros(sql, "1e3"), micros(sql, "1"));
        }
        if (!isTime && !type.equals("VARCHAR")) {
          throw new LogException(
              "time: `%s` is of type %s; want a number or text".formatted(mapping.time(), type));
        }
        yield "epoch_us(TRY_CAST(%s AS TIMESTAMPTZ))".formatted(sql);
      }
    };
  }

  private static String micros(String sql, String factor) {
    return "TRY_CAST(round(TRY_CAST(%s AS DOUBLE) * %s) AS BIGINT)".formatted(sql, factor);
  }

  private Examples assemble(Duck duck) throws IOException {
    duck.run("DELETE FROM log_rows WHERE x IS NOT NULL");
    boolean hasStringIds =
        mapping.itemIds() == ItemIds.STRING
            || duck.number("SELECT count(*) FROM log_rows WHERE " + isNoInt64()) > 0;
    duck.run(
        "CREATE TABLE users AS SELECT u, row_number() OVER (ORDER BY min(r)) - 1 AS ui"
            + " FROM log_rows GROUP BY u");
    String order = hasStringIds ? "i" : "CAST(i AS BIGINT)";
    duck.run(
        "CREATE TABLE items AS SELECT i, row_number() OVER (ORDER BY %s) - 1 AS ii FROM (SELECT DISTINCT i FROM log_rows)"
            .formatted(order));
    List<String> actions =
        mapping.action().isPresent() ? codes(duck, "a", mapping.action().get()) : List.of("event");
    List<String> surfaces =
        mapping.surface().isPresent() ? codes(duck, "s", mapping.surface().get()) : List.of();
    List<String> categories = categories(duck);
    var schema =
        new ExampleSchema(
            mapping.tasks().isEmpty() ? List.of("positive") : List.copyOf(mapping.tasks().keySet()),
            hasStringIds,
            actions,
            surfaces,
            categories,
            List.copyOf(mapping.candidateDense().keySet()),
            List.copyOf(mapping.contextDense().keySet()),
            mapping.bid().isPresent());
    var builder =
        new ExamplesBuilder(
            schema, duck.strings("SELECT u FROM users ORDER BY ui"), catalogue(duck, hasStringIds));
    String sampler = new LogRequests(mapping, duck, builder, progress).fetch();
    return builder.build(name(), Unpacking.sha256(mapping.log().files()), sampler);
  }

  /** Makes the table of a column's codes and returns the names in their order. */
  private static List<String> codes(Duck duck, String column, Coded coded) throws LogException {
    List<String> names = coded.names();
    if (names.isEmpty()) {
      names =
          distinct(
              duck,
              "SELECT DISTINCT %s FROM log_rows WHERE %s IS NOT NULL".formatted(column, column),
              coded.expression());
    }
    codeTable(duck, "codes_" + column, names);
    return names;
  }

  private static void codeTable(Duck duck, String table, List<String> names) throws LogException {
    duck.run("CREATE TABLE %s (name VARCHAR, code INTEGER)".formatted(table));
    if (!names.isEmpty()) {
      String values =
          IntStream.range(0, names.size())
              .mapToObj(k -> "(%s, %d)".formatted(Duck.text(names.get(k)), k + 1))
              .collect(Collectors.joining(", "));
      duck.run("INSERT INTO %s VALUES %s".formatted(table, values));
    }
  }

  /**
   * Distinct names in alphabetical order. Small whole numbers become all numbers from 1 (or 0) to
   * the largest, in numeric order, so that a code doesn't depend on which of them occur.
   */
  private static List<String> distinct(Duck duck, String sql, String expression)
      throws LogException {
    List<String> names = duck.strings(sql + " LIMIT " + (MOST_NAMES + 1));
    if (names.size() > MOST_NAMES) {
      throw new LogException(
          "`%s` has more than %d distinct values; is it the right column?"
              .formatted(expression, MOST_NAMES));
    }
    if (!names.isEmpty() && names.stream().allMatch(name -> name.matches("1?[0-9]"))) {
      int first = names.contains("0") ? 0 : 1;
      int last = names.stream().mapToInt(Integer::parseInt).max().orElse(0);
      return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }
    return names.stream().sorted().toList();
  }

  /** Makes the table item_codes(i, code) and returns the categories' names. */
  private List<String> categories(Duck duck) throws IOException {
    if (mapping.items().isEmpty()) {
      return List.of();
    }
    Items items = mapping.items().get();
    Table table = table(duck, items.source());
    String id = table.text("items.item", items.item());
    var parts = new ArrayList<String>();
    for (String category : items.category()) {
      String text = table.text("items.category", category);
      parts.add(
          items.separator().isEmpty()
              ? text
              : "split_part(%s, %s, 1)".formatted(text, Duck.text(items.separator())));
    }
    duck.run(
        "CREATE TABLE item_categories AS SELECT i, first(c ORDER BY r) AS c FROM (SELECT __row AS r, %s AS i, %s AS c FROM %s) WHERE i IN (SELECT i FROM items) AND c <> '' GROUP BY i"
            .formatted(id, String.join(" || '/' || ", parts), table.rows()));
    if (duck.number("SELECT count(*) FROM item_categories") == 0) {
      throw new LogException(
          "items: no item of the log is in %s; is %s the id that the log uses?"
              .formatted(table.files(), items.item()));
    }
    List<String> names =
        distinct(
            duck, "SELECT DISTINCT c FROM item_categories", String.join(", ", items.category()));
    codeTable(duck, "codes_c", names);
    return names;
  }

  private Catalogue catalogue(Duck duck, boolean hasStringIds) throws LogException {
    String join =
        mapping.items().isEmpty()
            ? "SELECT i, 0 AS code FROM items ORDER BY ii"
            : "SELECT i, coalesce(code, 0) AS code FROM items LEFT JOIN item_categories USING (i) LEFT JOIN codes_c ON c = name ORDER BY ii";
    var longs = new Numbers.Longs();
    var strings = new ArrayList<String>();
    var codes = new Numbers.Codes();
    duck.each(
        join,
        row -> {
          if (hasStringIds) {
            strings.add(row.getString(1));
          } else {
            longs.add(Long.parseLong(row.getString(1)));
          }
          codes.add(row.getInt(2));
        });
    short[] categories = codes.toArray();
    var counts = new int[categories.length];
    return hasStringIds
        ? Catalogue.ofStrings(strings, categories, counts)
        : Catalogue.ofLongs(longs.toArray(), categories, counts);
  }
}
