package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.kernel.Isa;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConditionsTest {
  @TempDir Path folder;

  @Test
  void aCapBelowTheProcessorIsSaid() throws IOException {
    assertEquals(
        "cpu [avx2, avx512f, avx512_vnni], one thread, medians of 31 turns\nnative kernels: x\n",
        printed(Isa.AVX512VNNI));
    assertTrue(
        printed(Isa.AVX2).contains("NOT COMPARABLE with a processor of avx2 alone: "),
        printed(Isa.AVX2));
    assertTrue(written(Isa.AVX512VNNI).contains("\"comparable\": true"));
    assertTrue(written(Isa.AVX2).contains("\"comparable\": false"));
  }

  @Test
  void aCapIsNoneWhereTheProcessorHasNoMore() {
    var old = new Processor("old", List.of("avx2"));
    var wide = new Processor("wide", List.of("avx2", "avx512f"));

    assertEquals(List.of(false, true, false, false, false), capped(old));
    assertEquals(List.of(false, true, true, false, false), capped(wide));
  }

  private static List<Boolean> capped(Processor processor) {
    return List.of(Isa.values()).stream().map(processor::isCapped).toList();
  }

  private static String printed(Isa most) {
    var text = new StringWriter();
    of(most).print(new PrintWriter(text, true));
    return text.toString();
  }

  private String written(Isa most) throws IOException {
    Path file = folder.resolve("results.json");
    var result = new Result(new Shape(1, 2, 3), "form", "by", 1, 2, 3, 4, 0);
    of(most).write(file, List.of(result));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
    return Files.readString(file);
  }

  private static Conditions of(Isa most) {
    var processor = new Processor("cpu", List.of("avx2", "avx512f", "avx512_vnni"));
    return new Conditions(processor, most, "native kernels: x", "loops", 31);
  }
}
