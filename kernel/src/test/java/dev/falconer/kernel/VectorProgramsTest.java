package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vector kernels in programs of their own. */
class VectorProgramsTest {
  @TempDir Path folder;

  @Test
  void warmKernelsAllocateNothingWhateverIsWarmBesides() throws IOException {
    List<Integer> widths = Stream.of(512, 256).filter(VectorMatMul::isAvailable).toList();
    var kinds = new ArrayList<String>();
    for (String kind : List.of("DENSE", "rows", "attention", "PANEL16", "PERMUTE16")) {
      if (!widths.isEmpty()) {
        kinds.add(widths.get(kinds.size() % widths.size()) + " " + kind); // turn by turn
      }
    }
    assertEquals(
        kinds.stream().map(kind -> kind + " true 0").toList(),
        Program.said(WarmVectors.class, Program.VECTORS, kinds.toArray(String[]::new)));
  }

  /**
   * Behind so many nodes of a method the compiler leaves calls as they are, which makes a kernel
   * several times slower though it allocates nothing.
   */
  @Test
  void panelsOfSixteenRowsAndAttentionAreInlinedWhole() throws IOException {
    assumeTrue(VectorMatMul.isAvailable(512), "this machine has no such vectors");
    Path log = folder.resolve("compiler.log");
    var options = new ArrayList<>(Program.VECTORS);
    options.addAll(
        List.of(
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:CompileCommand=PrintInlining,dev.falconer.kernel.Generated*::*",
            "-XX:+LogVMOutput",
            "-XX:-DisplayVMOutput",
            "-XX:LogFile=" + log));

    List<String> said = Program.said(WarmVectors.class, options, "512 PANEL16", "512 attention");

    assertEquals(List.of("512 PANEL16 true 0", "512 attention true 0"), said);
    try (Stream<String> lines = Files.lines(log)) {
      var inlined = lines.filter(line -> line.contains("inline")).toList();
      assertTrue(inlined.size() > 100, "the compiler says nothing: " + inlined);
      assertEquals(List.of(), inlined.stream().filter(line -> line.contains("Cutoff")).toList());
    }
  }

  @Test
  void aColdProductIsCompiledInTheEnd() throws IOException {
    assumeTrue(VectorMatMul.isAvailable(256), "this machine has no such vectors");
    assertEquals(
        List.of("DENSE true", "PERMUTE16 true", "PANEL16 true"),
        Program.said(ColdVectors.class, Program.VECTORS));
  }

  @Test
  void withoutTheModuleThereIsNone() throws IOException {
    assertEquals(
        List.of("false", "vectors of 256 bits: start Java with --add-modules jdk.incubator.vector"),
        Program.said(WithoutVectorModule.class, List.of()));
  }

  @Test
  void aRuntimeWithoutCompilerDirectivesHasKernelsAllTheSame() throws IOException {
    assumeTrue(VectorMatMul.isAvailable(256), "this machine has no such vectors");
    var options = new ArrayList<>(Program.VECTORS);
    options.add(
        "--limit-modules=java.base,java.logging,java.management,jdk.incubator.vector,jdk.unsupported");

    assertEquals(
        List.of(
            "this Java runtime lacks module jdk.management; generated code that Java's first"
                + " compiler takes while the second is busy can stay slow",
            "true"),
        Program.said(WithoutManagement.class, options));
    assertEquals(List.of("added", "true"), Program.said(WithoutManagement.class, Program.VECTORS));
  }
}
