package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** falconer bench kernels, by its command line; no time is looked at. */
class BenchKernelsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void everyFormIsCheckedAndTimed() throws IOException {
    Path json = folder.resolve("kernels.json");

    int status =
        run("--m", "3", "--k", "32,40", "--n", "24", "--rounds", "1", "--json", json.toString());

    assertEquals(0, status, err.toString());
    assertTrue(out.toString().contains("float32 dense, ONNX Runtime"), out.toString());
    assertTrue(out.toString().contains("int8 dense, ONNX Runtime"), out.toString());
    assertTrue(err.toString().contains("2 of 2 shapes"), err.toString());
    String results = Files.readString(json);
    assertTrue(results.contains("\"k\": 40"), results);
    assertTrue(results.contains("\"speedup\""), results);
  }

  @Test
  void shapesThatNoPatternFitsAreRefused() {
    assertEquals(2, run("--k", "8"));
    assertTrue(err.toString().contains("--k at least 16"), err.toString());
  }

  private int run(String... arguments) {
    return new CommandLine(new BenchKernels())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
