package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
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
    for (String kind : List.of("DENSE", "rows", "attention", "PANEL16", "PERMUTE16")) {
      if (!widths.isEmpty()) {
        kinds.add(widths.get(kinds.size() % widths.size()) + " " + kind); // turn by turn
      }
    }
    assertEquals(
        kinds.stream().map(kind -> kind + " true 0").toList(),
        Program.said(WarmVectors.class, Program.VECTORS, kinds.toArray(String[]::new)));
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
