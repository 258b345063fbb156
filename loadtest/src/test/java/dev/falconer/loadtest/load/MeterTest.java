package dev.falconer.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.client.RankingClient;
import dev.falconer.loadtest.FakeServer;
import dev.falconer.loadtest.scenario.Rates;
import dev.falconer.loadtest.scenario.Scenario;
import dev.falconer.loadtest.traffic.SampleGolden;
import dev.falconer.loadtest.traffic.Traffic;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MeterTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private static dev.falconer.client.Ranking answer() throws Exception {
    var scenario =
        new Scenario(
            "test",
            1,
            1,
            2,
            0,
            4,
            0,
            1,
            0,
            1,
            1,
            new Rates(0, 2, 1, 0),
            List.of(dev.falconer.client.RankingRequest.Mode.CACHE),
            1);
    try (var server = new FakeServer(_ -> false);
        var client = RankingClient.builder(server.target()).deadline(FakeServer.PATIENT).build()) {
      return client.rank(new Traffic(SampleGolden.pools(12), scenario, "u").next());
    }
  }

  @Test
  void countsFromTheIntendedStart() throws Exception {
    var meter = new Meter(10);

    meter.answered(answer(), 0, 30 * MILLI, 31 * MILLI);

    var run = meter.measured(1, 1, 1, true);
    assertEquals(31, run.millis(50), .1);
    assertEquals(30_000, run.stages().waiting());
    assertEquals(1_000 - 60, run.stages().network());
    assertFalse(run.met(), "the call took 1 ms, but came 30 ms late");
  }

  @Test
  void meetsWithOneMissInAHundred() throws Exception {
    var meter = new Meter(10);
    var answer = answer();
    for (int i = 0; i < 99; i++) {
      meter.answered(answer, 0, 0, MILLI);
    }
    assertTrue(meter.measured(1, 1, 99, true).met());

    meter.failed(new IllegalStateException("no answer"));
    assertTrue(meter.measured(1, 1, 100, true).met());
    assertFalse(meter.measured(1, 1, 100, false).met());

    meter.answered(answer, 0, 0, 11 * MILLI);
    assertFalse(meter.measured(1, 1, 101, true).met());
    assertEquals(2, meter.missed());
  }
}
