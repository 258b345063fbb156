package dev.falconer.loadtest.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.bundle.Columns;
import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.FakeServer;
import dev.falconer.loadtest.scenario.Rates;
import dev.falconer.loadtest.scenario.Scenario;
import dev.falconer.v1.RankRequest;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private static final int HISTORY_MAX = 12;

  private static Scenario scenario(int users, double growth, long seed) {
    return new Scenario(
        "test",
        users,
        1.1,
        5,
        growth,
        4,
        0,
        50,
        0,
        1,
        1,
        new Rates(0, 2, 1, 0),
        List.of(Mode.CACHE),
        seed);
  }

  /** The requests as a server sees them. */
  private static List<RankRequest> sent(Scenario scenario, int count) throws Exception {
    try (var server = new FakeServer(_ -> false);
        var client = RankingClient.builder(server.target()).deadline(FakeServer.PATIENT).build()) {
      var traffic = new Traffic(SampleGolden.pools(HISTORY_MAX), scenario, "u");
      for (int i = 0; i < count; i++) {
        client.rank(traffic.next());
      }
      return server.requests();
    }
  }

  @Test
  void isTheSameForTheSameSeed() throws Exception {
    var first = sent(scenario(50, .5, 1), 40);

    assertEquals(first, sent(scenario(50, .5, 1), 40));
    assertNotEquals(first, sent(scenario(50, .5, 2), 40));
  }

  @Test
  void drawsWholeRowsOfTheGoldenRequests() throws Exception {
    for (var request : sent(scenario(50, .5, 3), 40)) {
      var items = Columns.toStrings(request.getHistory(0).getData());
      var actions = Columns.toLongs(request.getHistory(1).getData());
      assertTrue(items.size() <= HISTORY_MAX);
      assertEquals(items.size(), actions.length);
      for (int i = 0; i < actions.length; i++) {
        assertEquals(items.get(i), "h%d-%d".formatted(actions[i] / 100, actions[i] % 100));
      }
      assertEquals(1, Columns.toLongs(request.getHistory(2).getData()).length);
      var candidates = Columns.toStrings(request.getCandidate(0).getData());
      var dense = Columns.toFloats(request.getCandidate(1).getData());
      assertEquals(5, candidates.size());
      for (int i = 0; i < 5; i++) {
        assertEquals(candidates.get(i), "c%.0f-%.0f".formatted(dense[2 * i], dense[2 * i + 1]));
      }
      assertEquals("context_surface", request.getRequest(0).getName());
    }
  }

  @Test
  void historiesContinueTheOnesBeforeOrStartAtTheWindowsLowMark() throws Exception {
    var before = new HashMap<String, List<String>>();
    int grown = 0;
    int restarted = 0;
    for (var request : sent(scenario(3, 1, 4), 120)) {
      var now = Columns.toStrings(request.getHistory(0).getData());
      var last = before.put(request.getUserKey(), now);
      if (last == null) {
        continue;
      }
      if (now.size() == last.size() + 1) {
        assertEquals(last, now.subList(0, last.size()));
        grown++;
      } else {
        assertEquals(5, now.size(), "4 of the old events and the new one");
        assertEquals(last.subList(last.size() - 4, last.size()), now.subList(0, 4));
        restarted++;
      }
    }
    assertTrue(grown > 5 * restarted && restarted > 3, grown + " grown, " + restarted);
  }

  @Test
  void refusesAWindowOverTheModelsHistory() {
    var scenario = scenario(3, 1, 4);
    assertThrows(IllegalArgumentException.class, () -> Traffic.window(scenario, 4));
  }

  @Test
  void usersFollowZipfsLaw() {
    var random = new SplittableRandom(5);
    var zipf = new Zipf(1_000, 1);
    var counts = new int[1_000];
    for (int i = 0; i < 200_000; i++) {
      counts[zipf.draw(random)]++;
    }

    assertEquals(2, (double) counts[0] / counts[1], .15);
    assertEquals(10, (double) counts[0] / counts[9], 1.5);
  }

  @Test
  void repeatsCandidatesUpToTheNumberAskedFor() {
    var tiled = SampleGolden.pools(HISTORY_MAX).tiled(1, 7);

    assertEquals(
        List.of("c1-0", "c1-1", "c1-2", "c1-0", "c1-1", "c1-2", "c1-0"),
        Columns.toStrings(tiled.getCandidate(0).getData()));
    assertEquals(14, Columns.toFloats(tiled.getCandidate(1).getData()).length);
  }
}
