package dev.falconer.server;

import dev.falconer.bundle.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tells builds of this program apart that have the same version. */
final class ProgramDigest {
  private ProgramDigest() {}

  /** Returns SHA-256 over files and all that folders hold, in the order of their paths. */
  static String of(List<Path> filesAndFolders) throws IOException {
    var lines = new StringBuilder();
    for (Path each : filesAndFolders) {
      try (Stream<Path> all = Files.walk(each)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          lines.append(each.relativize(file)).append(' ').append(Sha256.of(file)).append('\n');
        }
      }
    }
    return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
  }
}
