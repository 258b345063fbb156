package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCandidateCommandTest {
  private static final String TINY = "L=9,d=8,h=2,layers=1,ffn=16,features=4,head=16";

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
            "3,5",
            "--form",
            "4:16",
            "--rounds",
            "1",
            "--json",
            json.toString());

    assertEquals(0, status, err.toString());
    JsonNode times = new ObjectMapper().readTree(json.toFile()).get("times");
    for (String form :
        List.of(
            "ONNX Runtime float32, plain",
            "ONNX Runtime float32, multi_head",
            "ONNX Runtime float32, attention",
            "float32 4:16")) {
      for (String m : List.of("3", "5")) {
        assertTrue(times.get(form).get(m).get("wallMillis").asDouble() > 0, form + " " + m);
      }
      assertTrue(out.toString().contains(form), out.toString());
    }
    assertEquals(4, times.size());
  }

  @Test
  void saysWhatAShapeMayHold() {
    assertEquals(1, run("bench", "candidate", "--shape", "width=3"));
    assertTrue(err.toString().contains("want some of [L, d, h"), err.toString());
  }
}
