package dev.falconer.client;

import static dev.falconer.client.FeatureColumn.floats;
import static dev.falconer.client.FeatureColumn.longs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.v1.Mode;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RankingClientTest {
  /** A channel waits about a second before it tries a lost server again; then longer. */
  private static final Duration RECONNECT = Duration.ofSeconds(60);

  private static final long[] ITEMS = {11, 12, 13};
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private FakeRanking server;
  private RankingClient client;

  @BeforeEach
  void start() throws Exception {
    server = new FakeRanking();
    client = RankingClient.builder(server.target()).deadline(PATIENT).build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static RankingRequest.Builder request() {
    return RankingRequest.builder("feed")
        .user("u1")
        .history(longs("history_item", new long[] {1, 2}))
        .candidates(longs("candidate_item", ITEMS), floats("candidate_dense", new float[6], 2))
        .context(longs("context_surface", new long[] {1}))
        .itemIds(ITEMS);
  }

  @Test
  void sendsWhatTheBuilderCollected() {
    client.rank(
        request()
            .version("3")
            .mode(RankingRequest.Mode.BYPASS)
            .weight("click", 1)
            .weight("like", .5)
            .bidColumn("bid")
            .topK(2)
            .build());

    var sent = server.ranked.element();
    assertEquals("feed", sent.getModel());
    assertEquals("3", sent.getVersion());
    assertEquals("u1", sent.getUserKey());
    assertEquals(Mode.BYPASS, sent.getMode());
    assertEquals("history_item", sent.getHistory(0).getName());
    assertEquals(List.of(2L), sent.getCandidate(1).getRowShapeList());
    assertEquals("context_surface", sent.getRequest(0).getName());
    assertEquals(.5, sent.getObjective().getWeightsOrThrow("like"));
    assertEquals("bid", sent.getObjective().getBidColumn());
    assertEquals(2, sent.getTopK());
  }

  @Test
  void readsSlateScoresStateAndTimings() {
    var ranking = client.rank(request().build());

    assertEquals("3", ranking.version());
    assertEquals(List.of("click", "like"), ranking.tasks());
    assertArrayEquals(new int[] {2, 0}, ranking.order());
    assertEquals(.25f, ranking.value(0));
    assertEquals(.125f, ranking.score(1, "click"));
    assertEquals(.875f, ranking.score(1, 1));
    assertEquals(6, ranking.scores().length);
    assertArrayEquals(ITEMS, ranking.longItemIds());
    assertEquals(List.of("11", "12", "13"), ranking.itemIds());
    assertEquals(Ranking.State.HIT, ranking.state());
    assertEquals("same history", ranking.stateReason());
    assertEquals(new Ranking.Micros(1, 2, 0, 3, 7), ranking.micros());
    assertThrows(IllegalArgumentException.class, () -> ranking.score(0, "share"));
    assertThrows(IndexOutOfBoundsException.class, () -> ranking.score(3, 0));
  }

  @Test
  void refusesReplyWithTooFewScores() {
    server.candidates = 2;

    var failure = assertThrows(RankingException.class, () -> client.rank(request().build()));

    assertEquals(Status.Code.INTERNAL, failure.code());
  }

  @Test
  void triesUnavailableAgain() {
    server.failures.addAll(List.of(Status.UNAVAILABLE, Status.UNAVAILABLE));

    client.rank(request().build());

    assertEquals(3, server.ranked.size());
  }

  @Test
  void givesUpAfterItsAttempts() {
    for (int i = 0; i < 8; i++) {
      server.failures.add(Status.UNAVAILABLE.withDescription("draining"));
    }

    var failure = assertThrows(RankingException.class, () -> client.rank(request().build()));

    assertEquals(Status.Code.UNAVAILABLE, failure.code());
    assertTrue(failure.toString().contains("draining"), failure.toString());
    assertEquals(4, server.ranked.size());
  }

  @Test
  void triesNothingElseAgain() {
    for (var code : Status.Code.values()) {
      if (code == Status.Code.OK || code == Status.Code.UNAVAILABLE) {
        continue;
      }
      server.ranked.clear();
      server.failures.add(code.toStatus().withDescription("column 'x': why"));

      var failure = assertThrows(RankingException.class, () -> client.rank(request().build()));

      assertEquals(code, failure.code());
      assertTrue(failure.toString().contains("column 'x': why"), failure.toString());
      assertEquals(1, server.ranked.size(), code.name());
    }
  }

  @Test
  void stopsRetryingWhenMostCallsFail() {
    for (int i = 0; i < 200; i++) {
      server.failures.add(Status.UNAVAILABLE);
    }
    for (int i = 0; i < 20; i++) {
      assertThrows(RankingException.class, () -> client.rank(request().build()));
    }

    server.ranked.clear();
    assertThrows(RankingException.class, () -> client.rank(request().build()));

    assertEquals(1, server.ranked.size());
  }

  @Test
  void endsAtTheDeadline() {
    server.silent = true;

    var failure =
        assertThrows(
            RankingException.class, () -> client.rank(request().build(), Duration.ofMillis(50)));

    assertEquals(Status.Code.DEADLINE_EXCEEDED, failure.code());
  }

  @Test
  void usesItsDefaultDeadline() {
    server.silent = true;
    try (var hasty =
        RankingClient.builder(server.target()).deadline(Duration.ofMillis(50)).build()) {
      var failure = assertThrows(RankingException.class, () -> hasty.rank(request().build()));

      assertEquals(Status.Code.DEADLINE_EXCEEDED, failure.code());
    }
  }

  @Test
  void answersLater() throws Exception {
    var ranking = client.rankAsync(request().build()).get(30, TimeUnit.SECONDS);

    assertEquals(.25f, ranking.value(0));
  }

  @Test
  void failsLaterWithTheSameException() {
    server.failures.add(Status.NOT_FOUND.withDescription("no model 'feed'"));

    var failure =
        assertThrows(ExecutionException.class, () -> client.rankAsync(request().build()).get());

    assertEquals(
        Status.Code.NOT_FOUND, assertInstanceOf(RankingException.class, failure.getCause()).code());
  }

  @Test
  void cancelledFutureCancelsTheCall() throws Exception {
    server.silent = true;
    var future = client.rankAsync(request().build());
    assertTrue(server.arrived.await(30, TimeUnit.SECONDS));

    future.cancel(false);

    assertTrue(server.cancelled.await(30, TimeUnit.SECONDS));
  }

  @Test
  void warmsWithTheUsersColumnsAlone() {
    var warmed = client.warm(request().build());

    var sent = server.warmed.element();
    assertEquals("u1", sent.getUserKey());
    assertEquals(1, sent.getHistoryCount());
    assertEquals(Ranking.State.EXTEND, warmed.state());
    assertEquals(4096, warmed.stateBytes());
    assertEquals("2 new events", client.warmAsync(request().build()).join().reason());
  }

  @Test
  void refusesRequestOverTheMessageLimitBeforeSending() {
    try (var small = RankingClient.builder(server.target()).maxMessageBytes(100).build()) {
      var failure = assertThrows(RankingException.class, () -> small.rank(request().build()));

      assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.code());
      assertTrue(failure.toString().contains("the limit is 100"), failure.toString());
      assertEquals(0, server.ranked.size());
    }
  }

  @Test
  void carriesRequestsOverFourMebibytes() {
    var request =
        RankingRequest.builder("feed")
            .user("u1")
            .candidates(floats("candidate_dense", new float[3 * 600_000], 600_000))
            .build();

    client.rank(request);

    assertEquals(7_200_000, server.ranked.element().getCandidate(0).getData().size());
  }

  @Test
  void goesOnAfterTheServerCameBack() throws Exception {
    int port = server.port();
    client.rank(request().build());
    server.close();
    var failure = assertThrows(RankingException.class, () -> client.rank(request().build()));
    assertEquals(Status.Code.UNAVAILABLE, failure.code());

    server = new FakeRanking(port);

    assertEquals(3, rankUntilAnswered().candidates());
  }

  private Ranking rankUntilAnswered() {
    long until = System.nanoTime() + RECONNECT.toNanos();
    while (System.nanoTime() < until) {
      try {
        return client.rank(request().build());
      } catch (RankingException stillDown) {
        assertEquals(Status.Code.UNAVAILABLE, stillDown.code());
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }
    }
    throw new AssertionError("no answer from the restarted server");
  }
}
