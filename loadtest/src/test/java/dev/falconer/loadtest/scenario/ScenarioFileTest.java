package dev.falconer.loadtest.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.client.RankingRequest.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioFileTest {
  private static void assertRefused(String yaml, String... parts) {
    var refused = assertThrows(ScenarioException.class, () -> ScenarioFile.parse("ads.yaml", yaml));
    for (var part : parts) {
      assertTrue(refused.toString().contains(part), refused.toString());
    }
  }

  @Test
  void readsTheBuiltInScenario() throws Exception {
    var scenario = ScenarioFile.read(ScenarioFile.DEFAULT);

    assertEquals("feed", scenario.name());
    assertEquals(256, scenario.candidates());
    assertEquals(50, scenario.sloP99Millis());
    assertEquals(List.of(Mode.CACHE, Mode.BYPASS, Mode.WHOLE), scenario.modes());
  }

  @Test
  void takesTheBuiltInValueForKeysLeftOut(@TempDir Path folder) throws Exception {
    var file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            "name: ads\nslo_p99_ms: 7.5\nrates: {start: 30}\nmodes: [whole, CACHE]\nseed: 9\n");

    var scenario = ScenarioFile.read(file.toString());

    assertEquals("ads", scenario.name());
    assertEquals(7.5, scenario.sloP99Millis());
    assertEquals(new Rates(30, 1.5, 10, 3), scenario.rates());
    assertEquals(List.of(Mode.CACHE, Mode.WHOLE), scenario.modes());
    assertEquals(2000, scenario.users());
  }

  @Test
  void listsEveryProblemByKey() {
    assertRefused(
        """
        candiates: 10
        users: -3
        zipf_exponent: lots
        candidates: 2.5
        rates: {begin: 1, factor: 1}
        modes: [cached]
        history_low: 9
        history_high: 4
        """,
        "ads.yaml",
        "unknown key 'candiates'",
        "'users' is -3",
        "'zipf_exponent' is \"lots\"; wanted a number",
        "'candidates' is 2.5; wanted a whole number",
        "unknown key 'rates.begin'",
        "'rates.factor' is 1; from 1.01",
        "'modes' holds \"cached\"",
        "'history_low' must be below");
  }

  @Test
  void refusesWhatIsNoMap() {
    assertRefused("- a\n- b\n", "a map of keys");
    assertRefused("a: [", "ads.yaml");
    assertRefused("", "a map of keys");
  }

  @Test
  void quickTakesAboutHalfAMinute() throws Exception {
    var quick = ScenarioFile.read(ScenarioFile.DEFAULT).quick();

    double steps = quick.rates().steps() + quick.rates().refinements();
    double seconds =
        1.5 * quick.warmupSeconds()
            + quick.modes().size() * (quick.closedLoopSeconds() + steps * quick.stepSeconds());
    assertTrue(seconds < 32, () -> "%s s".formatted(seconds));
  }
}
