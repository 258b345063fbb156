package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.LogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the compressor's commands. */
@Command(
    name = "falconer",
    subcommands = {
      BenchCommand.class,
      BundleCommand.class,
      CompressCommand.class,
      DistilCommand.class,
      EvaluateCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      RequestCommand.class,
      SolveCommand.class,
      SplitCommand.class,
      TrainCommand.class
    },
    description = "From a log to a bundle: offline commands.")
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** Returns the parser; what users got wrong is one line on standard error. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Main::report);
  }

  private static int report(Exception problem, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    return switch (problem) {
      case LogException e -> failed(command, new IllegalArgumentException(e.getMessage(), e));
      case IllegalArgumentException e -> failed(command, e);
      case IOException e -> failed(command, e);
      case UncheckedIOException e -> failed(command, e);
      default -> throw problem;
    };
  }

  private static int failed(CommandLine command, Exception problem) {
    String message = problem.getMessage();
    String text = problem instanceof IOException ? problem.toString() : message;
    command
        .getErr()
        .println("falconer " + command.getCommandName() + ": " + (text == null ? problem : text));
    return 1;
  }
}
