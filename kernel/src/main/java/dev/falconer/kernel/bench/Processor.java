package dev.falconer.kernel.bench;

import dev.falconer.kernel.Isa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The processor that figures were measured on.
 *
 * @param name as the system gives it
 * @param flags those of avx2, avx512f, avx512_vnni, avx_vnni that it has: what matrix products use
 */
public record Processor(String name, List<String> flags) {
  private static final Path INFO = Path.of("/proc/cpuinfo");
  private static final List<String> KNOWN = List.of("avx2", "avx512f", "avx512_vnni", "avx_vnni");

  /** Copies the flags. */
  public Processor {
    flags = List.copyOf(flags);
  }

  /** Returns this machine's. */
  public static Processor here() throws IOException {
    if (!Files.exists(INFO)) {
      return new Processor(System.getProperty("os.arch"), List.of());
    }
    Map<String, String> first =
        Files.readAllLines(INFO).stream()
            .filter(line -> line.contains(":"))
            .map(line -> line.split(":", 2))
            .collect(
                Collectors.toMap(
                    line -> line[0].strip(), line -> line[1].strip(), (one, _) -> one));
    List<String> all = List.of(first.getOrDefault("flags", "").split(" ", -1));
    return new Processor(
        first.getOrDefault("model name", "unknown"), KNOWN.stream().filter(all::contains).toList());
  }

  /** Returns whether a cap keeps our kernels from what ONNX Runtime, which has none, may use. */
  boolean isCapped(Isa most) {
    return switch (most) {
      case JAVA, AVX512VNNI -> false; // of Java's vectors, which are as wide as the processor's
      case PORTABLE -> flags.contains("avx2");
      case AVX2 -> flags.contains("avx512f");
      case AVX512 -> flags.contains("avx512_vnni");
    };
  }

  @Override
  public String toString() {
    return name + " " + flags;
  }
}
