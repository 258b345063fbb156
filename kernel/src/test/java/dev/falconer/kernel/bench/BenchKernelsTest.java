package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.kernel.VectorMatMul;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** falconer bench kernels, by its command line; no time is looked at. */
class BenchKernelsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void formsOfTwoProcessesStandInOneTable() throws IOException {
    everyFormIsCheckedAndTimed("native,java-panel16", List.of("panel16 0.125"));
  }

  @Test
  @Tag("long")
  void allFormsStandInOneTable() throws IOException {
    everyFormIsCheckedAndTimed(
        "native,java-dense,java-panel16,java-n16", List.of("dense", "panel16 0.125", "2:16"));
  }

  private void everyFormIsCheckedAndTimed(String only, List<String> byJava) throws IOException {
    Path json = folder.resolve("kernels.json");

    int status =
        run(
            "--m",
            "3",
            "--k",
            "40",
            "--n",
            "24",
            "--rounds",
            "2",
            "--only",
            only,
            "--json",
            json.toString());

    assertEquals(0, status, err.toString());
    String all = out.toString();
    assertTrue(all.contains("| float32 dense "), all);
    assertTrue(all.contains("| int8 dense "), all);
    assertTrue(all.contains("| 3 | 40 | 24 | "), all);
    assertTrue(err.toString().contains("1 of 1 shapes"), err.toString());
    String results = Files.readString(json);
    assertEquals(3, results.split("\"by\": \"ONNX Runtime\"", -1).length, "two by it: " + results);
    if (VectorMatMul.isAvailable(256)) {
      for (String form : byJava) {
        assertTrue(results.contains("\"form\": \"float32 " + form + "\", \"by\": \"Java"), results);
      }
    }
  }

  @Test
  void shapesThatNoPatternFitsAreRefused() {
    assertEquals(2, run("--k", "8"));
    assertTrue(err.toString().contains("--k at least 16"), err.toString());
  }

  @Test
  void aFileThatCantBeWrittenIsRefusedBeforeTheWork() {
    assertEquals(2, run("--json", folder.resolve("none").resolve("a.json").toString()));
    assertTrue(err.toString().contains("--json can't be written"), err.toString());
  }

  private int run(String... arguments) {
    return new CommandLine(new BenchKernels())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
