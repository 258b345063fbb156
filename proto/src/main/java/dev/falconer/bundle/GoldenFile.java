package dev.falconer.bundle;

import dev.falconer.v1.Golden;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code golden.bin}: requests with the scores that the whole graph gives, length-delimited. */
public final class GoldenFile {
  /** Name of the file in a version folder. */
  public static final String NAME = "golden.bin";

  private GoldenFile() {}

  /**
   * Returns the golden requests of a file.
   *
   * @throws BundleException when it can't be read
   */
  public static List<Golden> read(Path file) {
    var golden = new ArrayList<Golden>();
    try (var in = new BufferedInputStream(Files.newInputStream(file))) {
      for (Golden next = Golden.parseDelimitedFrom(in);
          next != null;
          next = Golden.parseDelimitedFrom(in)) {
        golden.add(next);
      }
    } catch (IOException e) {
      throw new BundleException(file + ": can't be read: " + e.getMessage(), e);
    }
    return golden;
  }

  /** Writes golden requests. */
  public static void write(Path file, List<Golden> golden) throws IOException {
    try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (Golden each : golden) {
        each.writeDelimitedTo(out);
      }
    }
  }
}
