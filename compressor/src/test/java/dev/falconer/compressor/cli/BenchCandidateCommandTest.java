package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.VectorKernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCandidateCommandTest {
  private static final String TINY = "L=9,d=8,h=2,layers=1,ffn=16,features=4,head=16";

  private static final Isa MOST = Isa.most(System.getenv());

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void timesTheDenseFormsAndThePackedOnesThatAreWanted() throws IOException {
    Path json = folder.resolve("bench.json");

    int status =
        run(
            "bench",
            "candidate",
            "--shape",
            TINY,
            "--m",
            "3",
            "--form",
            "4:16",
            "--rounds",
            "1",
            "--json",
            json.toString());

    assertEquals(0, status, err.toString());
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    JsonNode times = report.get("times");
    var forms =
        new ArrayList<>(
            List.of(
                "ONNX Runtime float32, plain",
                "ONNX Runtime float32, multi_head",
                "ONNX Runtime float32, attention"));
    if (NativeKernels.load(MOST).execution().isPresent()) {
      forms.add("float32 4:16");
    }
    if (VectorKernels.of(MOST).execution().isPresent()) {
      forms.add("float32 4:16, Java");
    }
    for (String form : forms) {
      assertTrue(times.get(form).get("3").get("wallMillis").asDouble() > 0, form);
      assertTrue(out.toString().contains(form), out.toString());
    }
    assertEquals(forms.size(), times.size());
    assertEquals(
        forms.contains("float32 4:16, Java") ? 0 : 1,
        report.get("not_measured").size(),
        report.toString());
  }

  @Test
  void saysWhatAShapeMayHold() {
    assertEquals(1, run("bench", "candidate", "--shape", "width=3"));
    assertTrue(err.toString().contains("want some of [L, d, h"), err.toString());
  }
}
