package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchSplitCommandTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void timesEveryRankerWholeAndSplitBesideThePrediction() throws IOException {
    Path json = folder.resolve("bench.json");

    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "bench",
                "split",
                "--history",
                "5",
                "--m",
                "3",
                "--rounds",
                "1",
                "--json",
                json.toString());

    assertEquals(0, status, err.toString());
    JsonNode results = new ObjectMapper().readTree(json.toFile()).get("results");
    assertEquals(4, results.size());
    for (JsonNode result : results) {
      for (String ratio : new String[] {"trimmed/amortised_hit", "trimmed/amortised_miss"}) {
        JsonNode pair = result.get("ratios").get(ratio).get("3");
        assertTrue(pair.get("measured").asDouble() > 0, result.toString());
        assertTrue(pair.get("predicted").asDouble() > 0, result.toString());
      }
    }
  }
}
