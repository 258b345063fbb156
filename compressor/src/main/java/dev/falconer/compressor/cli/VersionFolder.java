package dev.falconer.compressor.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder {@code repository/name/version} of a model repository.
 *
 * @param version a positive integer
 */
record VersionFolder(Path repository, String name, long version) {
  /**
   * Returns the parts of a path such as {@code models/ranker/1}.
   *
   * @throws IllegalArgumentException when it does not end in a name and a number, or exists
   */
  static VersionFolder parse(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (absolute.getNameCount() < 3
        || !absolute.getName(absolute.getNameCount() - 1).toString().matches("[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException(
          "--out %s: want REPOSITORY/NAME/VERSION with a number at the end, like models/ranker/1"
              .formatted(folder));
    }
    if (Files.exists(absolute)) {
      throw new IllegalArgumentException(
          "--out %s exists; a published version is never changed: take the next".formatted(folder));
    }
    return new VersionFolder(
        absolute.resolve("../..").normalize(),
        absolute.getName(absolute.getNameCount() - 2).toString(),
        Long.parseLong(absolute.getName(absolute.getNameCount() - 1).toString()));
  }
}
