package dev.falconer.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs programs in processes of their own. */
final class Program {
  static final List<String> VECTORS =
      List.of("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector");

  private Program() {}

  /** Returns the lines that a program prints. */
  static List<String> said(Class<?> program, List<String> options, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(program.getName());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return builder.start().inputReader().lines().toList();
  }
}
