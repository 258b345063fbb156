package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Mapping.Coded;
import dev.falconer.compressor.data.Mapping.Format;
import dev.falconer.compressor.data.Mapping.ItemIds;
import dev.falconer.compressor.data.Mapping.Items;
import dev.falconer.compressor.data.Mapping.Source;
import dev.falconer.compressor.data.Mapping.TimeUnit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layouts known by the name of the file, which need no mapping: MovieLens' {@code ratings.dat} and
 * {@code u.data}, and RecBole's {@code .inter} with its typed header; each may be compressed. The
 * catalogue is read where it lies beside.
 *
 * <p>Ratings: the task is like (a rating of at least 4) on the logged rows, every row enters the
 * history, and the rating is its action.
 */
final class Layouts {
  private static final List<String> RATINGS = List.of("user_id", "item_id", "rating", "timestamp");
  private static final List<String> GENRES =
      List.of(
          "unknown",
          "Action",
          "Adventure",
          "Animation",
          "Children's",
          "Comedy",
          "Crime",
          "Documentary",
          "Drama",
          "Fantasy",
          "Film-Noir",
          "Horror",
          "Musical",
          "Mystery",
          "Romance",
          "Sci-Fi",
          "Thriller",
          "War",
          "Western");

  private Layouts() {}

  /** Returns the mapping of a file whose layout its name tells; empty for any other file. */
  static Optional<Mapping> of(Path file) throws IOException {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.(xz|gz)$", "");
    if (name.equals("ratings.dat")) {
      Optional<Items> items =
          beside(file, "movies.dat")
              .map(movies ->
                  new Items(
                      plain(movies, "::", List.of("item_id", "title", "genres")),
                      "item_id",
                      List.of("genres"),
                      "|"));
      return Optional.of(ratings(plain(file, "::", RATINGS), ItemIds.INT64, items));
    }
    if (name.equals("u.data")) {
      return Optional.of(
          ratings(
              plain(file, "\t", RATINGS),
              ItemIds.INT64,
              beside(file, "u.item").map(Layouts::flaggedGenres)));
    }
    return name.endsWith(".inter") ? Optional.of(recBole(file, name)) : Optional.empty();
  }

  private static Source plain(Path file, String delimiter, List<String> columns) {
    return new Source(List.of(file), Format.CSV, delimiter, "", "latin-1", 0, columns);
  }

  private static Items flaggedGenres(Path file) {
    String[] columns = new String[5 + GENRES.size()];
    var category = new StringBuilder("CASE");
    for (int c = 0; c < columns.length; c++) {
      columns[c] = "column" + c;
      if (c >= 5) {
        String genre = GENRES.get(c - 5).replace("'", "''");
        category.append(" WHEN column%d = 1 THEN '%s'".formatted(c, genre));
      }
    }
    return new Items(
        plain(file, "|", Arrays.asList(columns)),
        "column0",
        List.of(category.append(" END").toString()),
        "");
  }

  private static Optional<Path> beside(Path file, String name) {
    return List.of("", ".xz", ".gz").stream()
        .map(end -> file.resolveSibling(name + end))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Mapping recBole(Path file, String name) throws IOException {
    Source source = typed(file);
    Optional<Path> itemFile = beside(file, name.replaceFirst("inter$", "item"));
    Optional<Items> items = Optional.empty();
    if (itemFile.isPresent()) {
      Source itemSource = typed(itemFile.get());
      // The first column of several tokens; RecBole separates them by spaces.
      Optional<String> category =
          List.of("class", "genre", "genres", "categories", "category").stream()
              .filter(itemSource.columns()::contains)
              .findFirst();
      items = category.map(c -> new Items(itemSource, "item_id", List.of(c), " "));
    }
    for (String needed : List.of("user_id", "item_id", "timestamp")) {
      if (!source.columns().contains(needed)) {
        throw new LogException(
            "%s has no column %s (it has %s); give a mapping"
                .formatted(file, needed, source.columns()));
      }
    }
    if (source.columns().contains("rating")) {
      return ratings(source, ItemIds.AUTO, items);
    }
    Map<String, String> tasks =
        source.columns().contains("label") ? Map.of("click", "label") : Map.of();
    return mapping(source, ItemIds.AUTO, tasks, Optional.empty(), Optional.empty(), items);
  }

  /** A table whose header says {@code name:type}. */
  private static Source typed(Path file) throws IOException {
    try (var reader =
        new BufferedReader(new InputStreamReader(Unpacking.open(file), StandardCharsets.UTF_8))) {
      String header = reader.readLine();
      if (header == null) {
        throw new LogException(file + " is empty");
      }
      List<String> columns =
          Arrays.stream(header.split("\t", -1)).map(c -> c.replaceFirst(":.*", "")).toList();
      return new Source(List.of(file), Format.CSV, "\t", "", "utf-8", 1, columns);
    }
  }

  private static Mapping ratings(Source source, ItemIds ids, Optional<Items> items) {
    // 4.0 and 4 are one rating.
    String action = "CASE WHEN rating = floor(rating) THEN format('{:d}', CAST(rating AS BIGINT))";
    action += " ELSE CAST(rating AS VARCHAR) END";
    return mapping(
        source,
        ids,
        Map.of("like", "rating >= 4"),
        Optional.of("true"),
        Optional.of(new Coded(action, List.of())),
        items);
  }

  private static Mapping mapping(
      Source source,
      ItemIds ids,
      Map<String, String> tasks,
      Optional<String> history,
      Optional<Coded> action,
      Optional<Items> items) {
    return new Mapping(
        source,
        "user_id",
        "item_id",
        ids,
        "timestamp",
        TimeUnit.UNIX_S,
        Optional.empty(),
        new LinkedHashMap<>(tasks),
        history,
        action,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        1,
        Mapping.SLATE_MAX,
        Mapping.BAD_ROW_LIMIT,
        items);
  }
}
