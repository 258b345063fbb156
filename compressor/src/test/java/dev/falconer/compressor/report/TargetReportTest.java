package dev.falconer.compressor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.report.TargetReport.Option;
import dev.falconer.compressor.report.TargetReport.Point;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TargetReportTest {
  @Test
  void aModelThatIsTooSlowHasMissedItsTarget() throws IOException {
    TargetReport slow = reached(.63);

    assertEquals(
        "target --target-latency 60%: at most 0.6000 ms, expected 0.5900, reached 0.6300: MISSED",
        slow.text());
    var report =
        new CompressionReport(
            "m",
            "cpu",
            "plan",
            List.of(),
            Map.of(),
            List.of(),
            Map.of(),
            Optional.of(slow),
            Optional.empty());
    assertTrue(report.text().endsWith(slow.text() + "\n"), report.text());
    assertTrue(CompressionPage.text(report).contains("MISSED"));
    JsonNode target = new ObjectMapper().readTree(report.json()).get("target");
    assertEquals(false, target.get("met").asBoolean());
    assertEquals(.59, target.at("/frontier/0/cost").asDouble());
    assertEquals(-.1, target.at("/options/0/change").asDouble());
  }

  @Test
  void aModelAtTheLimitHasMetIt() {
    assertTrue(reached(.6).isMet());
  }

  private static TargetReport reached(double millis) {
    return new TargetReport(
        "--target-latency 60%",
        "ms",
        .6,
        .59,
        millis,
        1e-3,
        List.of(new Point(.59, 1e-3)),
        List.of(new Option("w", "8 bits", -.1, 1e-3)));
  }
}
