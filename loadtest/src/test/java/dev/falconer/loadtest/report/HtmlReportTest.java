package dev.falconer.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.load.LoadResult;
import dev.falconer.loadtest.load.Measured;
import dev.falconer.loadtest.load.ModeResult;
import dev.falconer.loadtest.load.Stages;
import dev.falconer.loadtest.scenario.Rates;
import dev.falconer.loadtest.scenario.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  private static final SplittableRandom RANDOM = new SplittableRandom(11);

  private static Measured run(double rate, double medianMillis, double encode, boolean met) {
    var histogram = new Histogram(3);
    for (int i = 0; i < 5_000; i++) {
      histogram.recordValue(
          Math.round(
              medianMillis * 1e6 * (1 + .2 * Math.pow(-Math.log(1 - RANDOM.nextDouble()), 2))));
    }
    double micros = medianMillis * 1_000;
    return new Measured(
        rate,
        5_000 / rate,
        5_000,
        histogram,
        met ? 5_000 : 4_000,
        met ? Map.of() : Map.of("DEADLINE_EXCEEDED", 12L),
        Map.of("HIT", 3_000L, "EXTEND", 1_500L, "MISS", 500L),
        new Stages(2, 150, 20, 0, encode * micros, (1 - encode) * micros, 30),
        met);
  }

  private static ModeResult mode(Mode mode, double millis, double encode) {
    var steps = new ArrayList<Measured>();
    double capacity = 1_200 / millis;
    for (double rate = .25 * capacity; rate < 1.4 * capacity; rate *= 1.5) {
      double load = rate / capacity;
      steps.add(run(rate, millis * (1 + load * load * 2), encode, load < 1));
    }
    return new ModeResult(
        mode, run(800 / millis, millis, encode, true), millis > 50 ? List.of() : steps);
  }

  static LoadResult sample() {
    var scenario =
        new Scenario(
            "feed </script> \"x\"",
            2_000,
            1.1,
            256,
            .5,
            32,
            64,
            50,
            5,
            4,
            5,
            new Rates(0, 1.5, 10, 3),
            List.of(Mode.CACHE, Mode.BYPASS, Mode.WHOLE),
            1);
    return new LoadResult(
        "localhost:8001",
        "feed",
        "1",
        "A CPU, 2 cores",
        Instant.EPOCH,
        61.4,
        scenario,
        32,
        64,
        List.of(mode(Mode.CACHE, 1.4, .05), mode(Mode.BYPASS, 2.6, .5), mode(Mode.WHOLE, 180, 0)));
  }

  @Test
  void needsNoNetwork() throws Exception {
    var page = HtmlReport.text(sample());
    Files.writeString(Path.of("target", "sample-report.html"), page);

    assertFalse(Pattern.compile("(src|href)\\s*=|@import|url\\(").matcher(page).find());
    assertTrue(page.contains("uPlot"));
    assertFalse(page.contains("/*{"), "a placeholder is left");
  }

  @Test
  void keepsItsScriptsWholeWhateverTheNames() throws Exception {
    var page = HtmlReport.text(sample());

    int scripts = page.split("<script", -1).length - 1;
    int ends = page.split("</script>", -1).length - 1;
    assertTrue(scripts == 3 && ends == 3, scripts + " scripts, " + ends + " ends");
  }
}
