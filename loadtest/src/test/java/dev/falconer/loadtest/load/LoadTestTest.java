package dev.falconer.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingException;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.FakeServer;
import dev.falconer.loadtest.report.HtmlReport;
import dev.falconer.loadtest.report.JsonReport;
import dev.falconer.loadtest.report.TerminalReport;
import dev.falconer.loadtest.scenario.Rates;
import dev.falconer.loadtest.scenario.Scenario;
import dev.falconer.loadtest.traffic.SampleGolden;
import dev.falconer.v1.RankRequest;
import io.grpc.Status;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class LoadTestTest {
  private static final List<Mode> MODES = List.of(Mode.CACHE, Mode.BYPASS, Mode.WHOLE);

  private static LoadResult run(Predicate<RankRequest> refused) throws Exception {
    var scenario =
        new Scenario(
            "test", 20, 1.1, 4, .5, 4, 0, 10_000, .1, .2, .3, new Rates(200, 2, 2, 1), MODES, 1);
    try (var server = new FakeServer(refused);
        var client = RankingClient.builder(server.target()).deadline(FakeServer.PATIENT).build()) {
      return new LoadTest(client, server.target(), SampleGolden.pools(12), scenario, "u", _ -> {})
          .run();
    }
  }

  @Test
  void measuresEachModeOverTheSteps() throws Exception {
    var result = run(_ -> false);

    assertEquals(MODES, result.modes().stream().map(ModeResult::mode).toList());
    for (var mode : result.modes()) {
      assertEquals(List.of(200.0, 400.0), mode.steps().stream().map(Measured::rate).toList());
      for (var step : mode.steps()) {
        assertTrue(step.met());
        assertEquals(step.sent(), step.answered());
        assertEquals(
            step.answered(), step.states().values().stream().mapToLong(Long::longValue).sum());
      }
      assertEquals(400, mode.best().orElseThrow().rate());
      assertEquals(15, mode.closed().stages().encode());
      assertEquals(5, mode.closed().stages().rest());
    }
    var cached = result.modes().getFirst().closed().states();
    assertTrue(cached.containsKey("HIT") && cached.containsKey("EXTEND"), cached.toString());
    assertEquals(java.util.Set.of("BYPASSED"), result.modes().get(1).closed().states().keySet());
    assertEquals(java.util.Set.of("NO_STATE"), result.modes().get(2).closed().states().keySet());
  }

  @Test
  void countsRefusalsByStatusAndAsMisses() throws Exception {
    var result = run(request -> request.getMode() == dev.falconer.v1.Mode.WHOLE);

    var whole = result.modes().get(2);
    assertTrue(whole.best().isEmpty());
    assertEquals(whole.closed().sent(), whole.closed().errors().get("RESOURCE_EXHAUSTED"));
    assertEquals(List.of(), whole.steps());
    var table = TerminalReport.text(result);
    assertTrue(table.contains("whole never met p99 <= "), table);
    assertTrue(JsonReport.text(result).contains("\"RESOURCE_EXHAUSTED\""));
    assertFalse(HtmlReport.text(result).isEmpty());
  }

  @Test
  void givesUpWhenTheServerAnswersNothing() {
    var failure = assertThrows(RankingException.class, () -> run(_ -> true));

    assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.code());
  }
}
