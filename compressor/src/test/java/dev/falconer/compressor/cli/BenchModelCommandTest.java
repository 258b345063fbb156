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

class BenchModelCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void timesEveryWayOfServingEverySize(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("bench.json");

    // 70 candidates take two chunks of a whole graph.
    int status =
        run(
            "bench",
            "model",
            "--shape",
            "L=6,d=8,h=2,layers=2,head=8,dense=2",
            "--m",
            "3,70",
            "--rounds",
            "1",
            "--json",
            json.toString());

    assertEquals(0, status, err.toString());
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    List<String> ways =
        List.of("whole", "trimmed", "amortised_miss", "amortised_hit", "compressed_hit");
    for (String way : ways) {
      for (String m : new String[] {"3", "70"}) {
        assertTrue(report.at("/cpu_ms/" + way + "/" + m).asDouble() > 0, way + " " + m);
        assertTrue(report.at("/latency_ms/" + way + "/" + m).asDouble() > 0, way + " " + m);
      }
    }
    assertEquals(
        report.at("/latency_ms/whole/70").asDouble()
            / report.at("/latency_ms/amortised_hit/70").asDouble(),
        report.get("ratios").get("whole/amortised_hit").get("70").asDouble(),
        1e-9);
    assertEquals(6, report.at("/shape/L").asInt());
    assertTrue(report.get("peak_gflops").asDouble() > 0);
    assertTrue(out.toString().contains("compressed_hit"), out.toString());
  }

  @Test
  void refusesUnknownShapesAndSizesInOneLine() {
    assertEquals(1, run("bench", "model", "--shape", "width=3"));
    assertTrue(err.toString().contains("want some of"), err.toString());
    assertEquals(1, run("bench", "model", "--m", "0"));
    assertEquals(2, run("bench"));
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
