package dev.falconer.compressor.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.falconer.compressor.data.Mapping.Coded;
import dev.falconer.compressor.data.Mapping.Format;
import dev.falconer.compressor.data.Mapping.ItemIds;
import dev.falconer.compressor.data.Mapping.Items;
import dev.falconer.compressor.data.Mapping.Source;
import dev.falconer.compressor.data.Mapping.TimeUnit;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a mapping from YAML. File names in it are relative to the mapping's folder. */
final class MappingReader {
  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private final Path file;
  private final Path folder;
  private final List<String> problems = new ArrayList<>();

  private MappingReader(Path file) {
    this.file = file;
    this.folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
  }

  /**
   * Returns the mapping in a file.
   *
   * @param log the log to read instead of the one that the mapping names
   * @throws LogException listing every problem of the mapping
   */
  static Mapping read(Path file, Optional<Path> log) throws IOException {
    return new MappingReader(file).read(log);
  }

  private Mapping read(Optional<Path> log) throws IOException {
    JsonNode root;
    try {
      root = YAML.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new LogException("mapping %s: %s".formatted(file, e.getMessage()), e);
    }
    var keys = new Keys(root, "", problems);
    Optional<Keys> logKeys = keys.object("log", "file");
    if (logKeys.isEmpty() && log.isEmpty()) {
      problems.add("log is missing: the file with the interactions");
    }
    Source source = logKeys.isPresent() ? source(logKeys.get(), log) : Source.of(log.orElse(file));
    logKeys.ifPresent(Keys::end);
    String user = keys.required("user");
    String item = keys.required("item");
    Optional<Keys> time = keys.object("time", "column");
    if (time.isEmpty()) {
      problems.add("time is missing");
    }
    String timeColumn = time.map(t -> t.required("column")).orElse("");
    TimeUnit unit =
        time.map(t -> t.choice("unit", TimeUnit.values(), TimeUnit.AUTO)).orElse(TimeUnit.AUTO);
    time.ifPresent(Keys::end);
    var mapping =
        new Mapping(
            source,
            user,
            item,
            keys.choice("item_ids", ItemIds.values(), ItemIds.AUTO),
            timeColumn,
            unit,
            keys.text("request"),
            keys.expressions("tasks"),
            keys.text("history"),
            coded(keys, "action"),
            coded(keys, "surface"),
            keys.text("position"),
            keys.expressions("candidate_dense"),
            keys.expressions("context_dense"),
            keys.text("bid"),
            keys.integer("negatives", 1, 1000),
            keys.integer("negatives_seed", Integer.MIN_VALUE, Integer.MAX_VALUE).orElse(1),
            keys.integer("slate_max", 1, 100_000).orElse(Mapping.SLATE_MAX),
            keys.number("bad_row_limit", 0, 1).orElse(Mapping.BAD_ROW_LIMIT),
            items(keys));
    keys.end();
    if (!problems.isEmpty()) {
      throw new LogException("mapping %s: %s".formatted(file, String.join("; ", problems)));
    }
    return mapping;
  }

  private static Optional<Coded> coded(Keys keys, String key) {
    return keys.object(key, "column")
        .map(inner -> {
          var coded = new Coded(inner.required("column"), inner.texts("names"));
          inner.end();
          return coded;
        });
  }

  private Optional<Items> items(Keys keys) throws IOException {
    Optional<Keys> inner = keys.object("items", "file");
    if (inner.isEmpty()) {
      return Optional.empty();
    }
    Source source = source(inner.get(), Optional.empty());
    var items =
        new Items(
            source,
            inner.get().required("item"),
            inner.get().texts("category"),
            inner.get().text("separator").orElse(""));
    if (items.category().isEmpty()) {
      problems.add("items.category is missing");
    }
    inner.get().end();
    return Optional.of(items);
  }

  private Source source(Keys keys, Optional<Path> instead) throws IOException {
    List<String> names = keys.texts("file");
    var files = new ArrayList<Path>();
    if (instead.isPresent()) {
      files.add(instead.get());
    } else {
      for (String name : names) {
        files.addAll(files(name));
      }
      if (names.isEmpty()) {
        problems.add(keys.name("file") + " is missing");
      }
    }
    Path first = files.isEmpty() ? file : files.getFirst();
    Format format = keys.choice("format", Format.values(), Format.of(first));
    return new Source(
        files,
        format,
        keys.text("delimiter").orElse(""),
        keys.text("quote").orElse("\""),
        keys.text("encoding").orElse("utf-8"),
        keys.integer("skip", 0, Integer.MAX_VALUE).orElse(0),
        keys.texts("columns"));
  }

  /** The files of a name, or of a pattern such as {@code day-*.csv}, in the order of names. */
  private List<Path> files(String name) throws IOException {
    Path path = folder.resolve(name);
    Path parent = Optional.ofNullable(path.getParent()).orElse(folder);
    String last = String.valueOf(path.getFileName());
    if (!last.contains("*") || !Files.isDirectory(parent)) {
      return List.of(path);
    }
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(parent, last)) {
      matching.forEach(files::add);
    }
    files.sort(null);
    if (files.isEmpty()) {
      problems.add("no file matches " + path);
    }
    return files;
  }
}
