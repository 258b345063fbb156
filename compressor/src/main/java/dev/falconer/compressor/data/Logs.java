package dev.falconer.compressor.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens logs. */
public final class Logs {
  private static final String ACCEPTED =
      "give a mapping (.yaml), a folder that holds log.yaml, a file of a known layout (ratings.dat,"
          + " u.data, *.inter), or any CSV, TSV, Parquet or JSON file with --mapping";

  private Logs() {}

  /**
   * Returns the examples of a log.
   *
   * @param data a mapping, a folder, a file of a known layout, or any file with a mapping
   * @param mapping what the columns of {@code data} mean
   * @throws LogException saying what is wrong with the log or the mapping
   */
  public static Examples open(Path data, Optional<Path> mapping, Progress progress)
      throws IOException {
    Mapping meaning = mapping(data, mapping, progress);
    Path folder = Files.createTempDirectory("falconer-log");
    try {
      return new LogReader(meaning, folder, progress).read();
    } finally {
      delete(folder);
    }
  }

  private static Mapping mapping(Path data, Optional<Path> mapping, Progress progress)
      throws IOException {
    if (!Files.exists(data)) {
      throw new LogException("there is no log %s; %s".formatted(data, ACCEPTED));
    }
    if (isMapping(data)) {
      if (mapping.isPresent()) {
        throw new LogException(
            "%s is a mapping itself; leave out the mapping %s".formatted(data, mapping.get()));
      }
      return MappingReader.read(data, Optional.empty());
    }
    if (mapping.isPresent()) {
      return MappingReader.read(mapping.get(), Optional.of(data));
    }
    if (Files.isDirectory(data)) {
      return mapping(inFolder(data), Optional.empty(), progress);
    }
    Optional<Mapping> layout = Layouts.of(data);
    if (layout.isPresent()) {
      return layout.get();
    }
    Path beside = data.resolveSibling("log.yaml");
    if (Files.isRegularFile(beside)) {
      Mapping read = MappingReader.read(beside, Optional.empty());
      if (read.log().files().stream().anyMatch(f -> isSame(f, data))) {
        progress.note("%s is read by the mapping beside it, %s".formatted(data, beside));
        return read;
      }
    }
    throw new LogException("the layout of %s isn't known; %s".formatted(data, ACCEPTED));
  }

  private static boolean isSame(Path a, Path b) {
    return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
  }

  private static boolean isMapping(Path file) {
    return file.toString().endsWith(".yaml") || file.toString().endsWith(".yml");
  }

  private static Path inFolder(Path folder) throws IOException {
    Path mapping = folder.resolve("log.yaml");
    if (Files.isRegularFile(mapping)) {
      return mapping;
    }
    List<Path> known = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (Files.isRegularFile(file)
            && String.valueOf(file.getFileName())
                .matches("(ratings\\.dat|u\\.data|.*\\.inter)(\\.xz|\\.gz)?")) {
          known.add(file);
        }
      }
    }
    if (known.size() != 1) {
      throw new LogException(
          "folder %s holds no log.yaml and %s; %s"
              .formatted(
                  folder,
                  known.isEmpty() ? "no file of a known layout" : "several logs: " + known,
                  ACCEPTED));
    }
    return known.getFirst();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
