package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Logs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which log to read; mixed into the commands that read one. */
final class DataOptions {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "LOG",
      description = {
        "a mapping (log.yaml), a folder that holds one, a known layout (ratings.dat, u.data,"
            + " *.inter, also .xz), or any CSV, TSV, Parquet or JSON file with --mapping"
      })
  Path data = Path.of("");

  @Option(
      names = "--mapping",
      paramLabel = "YAML",
      description = "what the columns of LOG mean, where LOG is a file of rows")
  @Nullable Path mapping;

  /** Returns the log, with its progress and notes on {@code err}. */
  Examples open(PrintWriter err) throws IOException {
    try (var progress = new ConsoleProgress(err)) {
      return Logs.open(data, Optional.ofNullable(mapping), progress);
    }
  }
}
