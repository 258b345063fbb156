package dev.falconer.server.choice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The processor, as far as the speed of a kernel depends on it.
 *
 * @param cpu name, family, model and stepping
 * @param isa extensions for vectors and matrices, sorted
 */
public record Machine(String cpu, String isa) {
  private static final List<String> VECTORS =
      List.of("sse4", "avx", "fma", "f16c", "amx", "asimd", "sve");

  /** Returns the machine that this runs on. */
  public static Machine here() {
    try {
      return of(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException _) {
      return new Machine(
          "%s on %s".formatted(System.getProperty("os.arch"), System.getProperty("os.name")), "");
    }
  }

  /** Returns the first processor of a file like /proc/cpuinfo. */
  static Machine of(List<String> cpuinfo) {
    Map<String, String> first = new HashMap<>();
    for (String line : cpuinfo) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        first.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String cpu =
        "%s, family %s, model %s, stepping %s"
            .formatted(
                first.getOrDefault("model name", "unknown"),
                first.getOrDefault("cpu family", "?"),
                first.getOrDefault("model", "?"),
                first.getOrDefault("stepping", "?"));
    String flags = first.getOrDefault("flags", first.getOrDefault("Features", ""));
    return new Machine(
        cpu,
        Arrays.stream(flags.split(" "))
            .filter(flag -> VECTORS.stream().anyMatch(flag::startsWith))
            .sorted()
            .collect(Collectors.joining(" ")));
  }
}
