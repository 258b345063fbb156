package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.GeneratedLog;
import dev.falconer.compressor.data.LogGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a generated log. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a seeded interaction log: log.csv, items.csv and log.yaml, the mapping that the other"
          + " commands read it by. The same options give the same bytes."
    },
    footer = {"", "Example:", "  falconer generate --surface feed --out feed-log"})
final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = "--surface",
      defaultValue = "feed",
      description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  LogGenerator.Surface surface = LogGenerator.Surface.FEED;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write to")
  Path out = Path.of("");

  @Option(
      names = "--users",
      defaultValue = "3000",
      description = "number of users (${DEFAULT-VALUE})")
  int users;

  @Option(
      names = "--items",
      defaultValue = "2000",
      description = "number of items or campaigns (${DEFAULT-VALUE})")
  int items;

  @Option(
      names = "--requests",
      defaultValue = "42000",
      description = "number of requests, of 8 candidates each (${DEFAULT-VALUE})")
  int requests;

  @Option(
      names = "--seed",
      defaultValue = "7",
      description = "seed of everything (${DEFAULT-VALUE})")
  long seed;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    GeneratedLog log = new LogGenerator(surface, users, items, requests, seed).generate();
    try (var progress = new ConsoleProgress(spec.commandLine().getErr())) {
      log.write(out, progress);
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %,d requests of %d candidates, %.1f %% clicked; read it by --data %s%n",
            out.resolve("log.csv"),
            log.requests(),
            LogGenerator.SLATE,
            100 * log.clickRate(),
            out.resolve("log.yaml"));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
