package dev.falconer.loadtest.cli;

import dev.falconer.bundle.BundleException;
import dev.falconer.client.RankingException;
import dev.falconer.loadtest.process.ChildException;
import dev.falconer.loadtest.scenario.ScenarioException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of this module, and how their failures are told. */
@Command(
    name = "falconer",
    subcommands = {
      RankCommand.class,
      LoadTestCommand.class,
      BenchCommand.class,
      DemoCommand.class,
    })
public final class Commands {
  private Commands() {}

  /** Runs one command and returns its exit code: 0, 1 when it failed, 2 for bad usage. */
  public static int run(String... args) {
    return new CommandLine(new Commands())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, line, _) -> tell(failure, line.getErr()))
        .execute(args);
  }

  /** Expected failures are told in their own words; anything else keeps its stack trace. */
  private static int tell(Exception failure, PrintWriter err) throws Exception {
    err.println(
        switch (failure) {
          case ChildException _,
              BundleException _,
              RankingException _,
              ScenarioException _,
              IllegalArgumentException _,
              IllegalStateException _ ->
              "falconer: " + failure.getMessage();
          case IOException _ -> "falconer: " + failure;
          default -> throw failure;
        });
    return failure instanceof ChildException child ? child.code() : 1;
  }
}
