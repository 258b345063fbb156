package dev.falconer.compressor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.evaluate.Interval;
import dev.falconer.compressor.evaluate.Quality;
import dev.falconer.compressor.evaluate.QualityGate;
import dev.falconer.compressor.evaluate.SideBySide.Time;
import dev.falconer.compressor.report.SpeedReport.Point;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpeedReportTest {
  private static final QualityGate GATE = new QualityGate(.001, .001);

  private static Point point(double wanted, double speedup, double auc) {
    var difference =
        new Quality.Difference(
            "click", new Interval(auc, auc - 1e-4, auc + 1e-4), new Interval(0, 0, 0));
    return new Point(
        wanted,
        new Time(1 / speedup, speedup, speedup - .1, speedup + .1),
        1e-3,
        List.of(new QualityGate.Verdict(difference, 8e-4, 9e-4)),
        auc > -5e-4,
        false);
  }

  private static SpeedReport report(Point... points) {
    return new SpeedReport(
        "--target-speedup 4.0",
        4,
        "the candidate graph",
        "kernels: native, avx2",
        GATE,
        List.of(points),
        List.of(new TargetReport.Point(-100, 1e-3)),
        List.of(new TargetReport.Option("w", "dense", 0, 0)));
  }

  @Test
  void aModelThatIsFastAndGoodEnoughMeetsTheTarget() throws IOException {
    SpeedReport met = report(point(4, 4.1, -1e-4).written());

    assertTrue(met.isMet());
    assertTrue(met.text().contains("4.10 [4.00, 4.20]"), met.text());
    assertTrue(met.text().contains("-0.00010 [-0.00020, +0.00000]"), met.text());
    assertTrue(met.text().contains("yes click, trained on  <- written"), met.text());
    assertTrue(met.text().contains("--target-speedup 4.0: met;"), met.text());
    var whole =
        new CompressionReport(
            "m",
            "cpu",
            "plan",
            List.of(),
            Map.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            Optional.of(met));
    assertTrue(whole.text().endsWith(met.text()), whole.text());
    assertTrue(whole.text().contains("as any ONNX Runtime runs the file"), whole.text());
    assertTrue(CompressionPage.text(whole).contains("&lt;- written"));
    JsonNode json = new ObjectMapper().readTree(whole.json()).get("speed");
    assertTrue(json.at("/met").asBoolean());
    assertEquals(4.1, json.at("/points/0/time/speedup").asDouble());
    assertTrue(json.at("/points/0/isTrained").asBoolean(), json.toString());
    assertTrue(json.at("/points/0/verdicts/0/within").asBoolean(), json.toString());
    assertEquals(-1e-4, json.at("/points/0/verdicts/0/difference/auc/value").asDouble());
  }

  @Test
  void theFastestWithinTheGateIsNamedWhereTheTargetIsMissed() {
    SpeedReport missed = report(point(4, 4.1, -.01), point(2, 2.05, -7.5e-4).written());

    assertFalse(missed.isMet());
    assertTrue(missed.text().contains(" NO click"), missed.text());
    assertTrue(missed.text().contains("yes, not certain click  <- written"), missed.text());
    assertTrue(missed.text().contains("MISSED; 2.05 is the most"), missed.text());
  }

  @Test
  void nothingIsWrittenWhereNothingIsWithinTheGate() {
    SpeedReport none = report(point(4, 4.1, -.01));

    assertFalse(none.isMet());
    assertTrue(none.text().contains("MISSED; nothing is written"), none.text());
  }
}
