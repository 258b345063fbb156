package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The vector kernels in programs of their own. */
class VectorProgramsTest {
  @Test
  void warmKernelsAllocateNothingWhateverIsWarmBesides() throws IOException {
    List<Integer> widths = Stream.of(512, 256).filter(VectorMatMul::isAvailable).toList();
    var kinds = new ArrayList<String>();
    for (String kind : List.of("DENSE", "rows", "PERMUTE16", "PANEL16")) {
      if (!widths.isEmpty()) {
        kinds.add(widths.get(kinds.size() % widths.size()) + " " + kind); // turn by turn
      }
    }
    assertEquals(
        kinds.stream().map(kind -> kind + " true 0").toList(),
        said(
            WarmVectors.class,
            List.of("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"),
            kinds.toArray(String[]::new)));
  }

  @Test
  void aColdProductIsCompiledInTheEnd() throws IOException {
    assumeTrue(VectorMatMul.isAvailable(256), "this machine has no such vectors");
    assertEquals(
        List.of("DENSE true", "PERMUTE16 true", "PANEL16 true"),
        said(
            ColdVectors.class,
            List.of("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector")));
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
