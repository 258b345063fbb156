package dev.falconer.loadtest;

import dev.falconer.loadtest.cli.Commands;

/** Entry point of the commands rank, loadtest, bench server and demo. */
public final class Main {
  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    System.exit(Commands.run(args));
  }
}
