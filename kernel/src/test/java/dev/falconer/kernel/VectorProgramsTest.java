package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The vector kernels in programs of their own. */
class VectorProgramsTest {
  @Test
  void aWarmProductAllocatesNothingWhateverIsWarmBesides() throws IOException {
    String[] widths =
        Stream.of(512, 256)
            .filter(VectorMatMul::isAvailable)
            .map(bits -> Integer.toString(bits))
            .toArray(String[]::new);
    var wanted = new ArrayList<String>();
    for (String width : widths) {
      for (String layout : List.of("DENSE", "PERMUTE16", "PANEL16")) {
        wanted.add("%s %s true 0".formatted(width, layout));
      }
    }
    assertEquals(
        wanted,
        said(
            WarmVectors.class,
            List.of("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"),
            widths));
  }

  @Test
  void withoutTheModuleThereIsNone() throws IOException {
    assertEquals(
        List.of("false", "vectors of 256 bits: start Java with --add-modules jdk.incubator.vector"),
        said(WithoutVectorModule.class, List.of()));
  }

  /** Returns what a program of its own prints. */
  private static List<String> said(Class<?> program, List<String> options, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(program.getName());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder.start().inputReader().lines().toList();
  }
}
