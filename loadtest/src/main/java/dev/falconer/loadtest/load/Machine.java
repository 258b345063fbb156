package dev.falconer.loadtest.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says what a figure was measured on. */
public final class Machine {
  private Machine() {}

  /** Returns the CPU's name and the cores this process may use. */
  public static String describe() {
    return "%s, %d cores".formatted(cpu(), Runtime.getRuntime().availableProcessors());
  }

  private static String cpu() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch", "unknown CPU"));
    } catch (IOException _) {
      return System.getProperty("os.arch", "unknown CPU");
    }
  }
}
