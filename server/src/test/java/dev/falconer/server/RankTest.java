package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.bundle.Columns;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.Oracle;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Mode;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.StateOutcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores and states, against the whole graph in plain ONNX Runtime. */
class RankTest {
  /** Float32 sums in another order. */
  private static final float TOLERANCE = 1e-5f;

  @TempDir static Path repository;
  private static TestServer server;
  private static Oracle oracle;

  @BeforeAll
  static void start() throws IOException {
    server =
        TestServer.over(
            repository,
            TinyBundle.feed(1),
            new TinyBundle("fixed", "1", 7, TinyBundle.Form.FIXED),
            new TinyBundle("plain", "1", 8, TinyBundle.Form.STATELESS));
    oracle = new Oracle(repository.resolve("feed/1/whole.onnx"));
  }

  @AfterAll
  static void stop() {
    oracle.close();
    server.close();
  }

  private static RankReply rank(RankRequest request) {
    return server.stub().rank(request);
  }

  private static float[] scores(RankReply reply) {
    return Columns.toFloats(reply.getScores());
  }

  private static void assertScores(RankRequest request, RankReply reply) {
    assertArrayEquals(oracle.scores(request), scores(reply), TOLERANCE);
  }

  @Test
  void everyModeAndOutcomeGivesTheScoresOfTheWholeGraph() {
    for (int n : new int[] {0, 1, 2, TinyBundle.HISTORY_MAX}) {
      for (int m : new int[] {1, 2, 6, 7, 8, 64, 65, 200}) {
        var ask = Ask.of("grid-" + n + "-" + m, n, m);
        var miss = rank(ask.feed(Mode.CACHE));
        var hit = rank(ask.feed(Mode.MODE_UNSPECIFIED));
        var bypassed = rank(ask.feed(Mode.BYPASS));
        var whole = rank(ask.feed(Mode.WHOLE));
        assertEquals(StateOutcome.MISS, miss.getState());
        assertEquals(StateOutcome.HIT, hit.getState());
        assertEquals(StateOutcome.BYPASSED, bypassed.getState());
        assertEquals(StateOutcome.NO_STATE, whole.getState());
        for (var reply : new RankReply[] {miss, hit, bypassed, whole}) {
          assertScores(ask.feed(Mode.CACHE), reply);
        }
      }
    }
  }
}
