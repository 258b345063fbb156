package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.bundle.Columns;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.Oracle;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Int64List;
import dev.falconer.v1.Mode;
import dev.falconer.v1.Objective;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.StateOutcome;
import dev.falconer.v1.StringList;
import dev.falconer.v1.WarmRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
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

  @Test
  void anEventEditedInTheMiddleIsAMiss() {
    var ask = Ask.of("edited", 6, 10);
    rank(ask.feed(Mode.CACHE));

    var edited = ask.events(1, 2, 33, 4, 5, 6);
    var reply = rank(edited.feed(Mode.CACHE));

    assertEquals(StateOutcome.MISS, reply.getState());
    assertEquals(
        "history differs from the cached one within its first 6 events", reply.getStateReason());
    assertScores(edited.feed(Mode.CACHE), reply);
    assertNotEquals(oracle.scores(ask.feed(Mode.CACHE))[0], scores(reply)[0]);
  }

  @Test
  void aLongerHistoryThatDiffersInTheMiddleIsAMiss() {
    var ask = Ask.of("edited-and-grown", 6, 10);
    rank(ask.feed(Mode.CACHE));

    var edited = ask.events(1, 2, 33, 4, 5, 6, 7, 8);
    var reply = rank(edited.feed(Mode.CACHE));

    assertEquals(StateOutcome.MISS, reply.getState());
    assertScores(edited.feed(Mode.CACHE), reply);
  }

  @Test
  void aDeletedEventIsInNoState() {
    var ask = Ask.of("deleted", 6, 10);
    rank(ask.feed(Mode.CACHE));

    var deleted = ask.events(1, 2, 4, 5, 6);
    var first = rank(deleted.feed(Mode.CACHE));
    var grown = ask.events(1, 2, 4, 5, 6, 7);
    var second = rank(grown.feed(Mode.CACHE));

    assertEquals(StateOutcome.MISS, first.getState());
    assertScores(deleted.feed(Mode.CACHE), first);
    assertEquals(StateOutcome.EXTEND, second.getState());
    assertScores(grown.feed(Mode.CACHE), second);
  }

  @Test
  void aGrownStateScoresAsOneEncodedFromTheStart() {
    for (int step : new int[] {1, 2, 5, 31}) {
      for (int n = 0; n <= TinyBundle.HISTORY_MAX; n += step) {
        var ask = Ask.of("growing-" + step, n, 9);
        var reply = rank(ask.feed(Mode.CACHE));
        assertEquals(n == 0 ? StateOutcome.MISS : StateOutcome.EXTEND, reply.getState());
        assertScores(ask.feed(Mode.CACHE), reply);
      }
    }
  }

  @Test
  void anotherCountryIsAnotherHistory() {
    var request = Ask.of("moved", 4, 3).builder("feed");
    rank(request.build());

    request.setHistory(3, Columns.strings("user_country", List.of("de")));
    var reply = rank(request.build());

    assertEquals(StateOutcome.MISS, reply.getState());
    assertScores(request.build(), reply);
  }

  @Test
  void theRequestsOwnColumnsAreInNoState() {
    var request = Ask.of("later", 4, 3).builder("feed");
    rank(request.build());

    request.setRequest(0, Columns.longs("context_hour", new long[] {3}));
    var reply = rank(request.build());

    assertEquals(StateOutcome.HIT, reply.getState());
    assertScores(request.build(), reply);
  }

  @Test
  void usersDoNotShareStates() {
    rank(Ask.of("one", 4, 3).feed(Mode.CACHE));

    var reply = rank(Ask.of("other", 4, 3).feed(Mode.CACHE));

    assertEquals(StateOutcome.MISS, reply.getState());
    assertEquals("no state for this user", reply.getStateReason());
  }

  @Test
  void aModelThatCannotGrowEncodesAgain() {
    rank(Ask.of("u", 4, 3).builder("fixed").build());

    var reply = rank(Ask.of("u", 5, 3).builder("fixed").build());

    assertEquals(StateOutcome.MISS, reply.getState());
    assertEquals("the cached state can't grow: the mask is full", reply.getStateReason());
  }

  @Test
  void aModelWithoutStateIsServedWhole() {
    try (var whole = new Oracle(repository.resolve("plain/1/whole.onnx"))) {
      for (var mode : new Mode[] {Mode.CACHE, Mode.BYPASS, Mode.WHOLE}) {
        var request = Ask.of("", 0, 70).withoutHistory().builder("plain").setMode(mode).build();

        var reply = rank(request);

        assertEquals(StateOutcome.NO_STATE, reply.getState());
        assertArrayEquals(whole.scores(request), scores(reply), TOLERANCE);
      }
    }
  }

  @Test
  void warmingMakesTheNextRequestAHit() {
    var request = Ask.of("warm", 8, 3).feed(Mode.CACHE);
    var warm =
        WarmRequest.newBuilder()
            .setModel("feed")
            .setUserKey("warm")
            .addAllHistory(request.getHistoryList())
            .build();

    var warmed = server.stub().warm(warm);
    var reply = rank(request);

    assertEquals(StateOutcome.MISS, warmed.getState());
    // Two tensors of 9 rows of 8 floats, each to a multiple of 64 bytes.
    assertEquals(2 * 320, warmed.getStateBytes());
    assertEquals("1", warmed.getVersion());
    assertEquals(StateOutcome.HIT, reply.getState());
    assertEquals(StateOutcome.HIT, server.stub().warm(warm).getState());
    assertScores(request, reply);
  }

  @Test
  void noCandidatesGiveAnEmptySlate() {
    for (var mode : new Mode[] {Mode.CACHE, Mode.BYPASS, Mode.WHOLE}) {
      var reply = rank(Ask.of("nobody-to-rank", 3, 0).feed(mode));

      assertEquals(0, reply.getScores().size());
      assertEquals(0, reply.getOrderCount());
      assertEquals(List.of("click", "like"), reply.getTasksList());
    }
  }

  @Test
  void theSlateHoldsTheBestOfTheFirstTask() {
    var request = Ask.of("slate", 5, 20).builder("feed").setTopK(5).build();

    var reply = rank(request);

    float[] scores = oracle.scores(request);
    var best =
        IntStream.range(0, 20)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores[2 * i]))
            .limit(5)
            .toList();
    assertEquals(best, reply.getOrderList());
    for (int i = 0; i < 5; i++) {
      assertEquals(scores[2 * best.get(i)], reply.getValues(i), TOLERANCE);
    }
  }

  @Test
  void equalCandidatesKeepTheirOrder() {
    var reply = rank(Ask.of("ties", 5, 0).candidates(7, 8, 7, 8, 7).feed(Mode.CACHE));

    var order = reply.getOrderList();
    assertEquals(List.of(0, 2, 4), order.stream().filter(i -> i % 2 == 0).toList());
    assertEquals(List.of(1, 3), order.stream().filter(i -> i % 2 == 1).toList());
  }

  @Test
  void theObjectiveWeighsTasksAndMultipliesByTheBid() {
    float[] bids = {1, 2, 0.5f, 0, 3, 1};
    var objective = Objective.newBuilder().putWeights("click", 0.25).putWeights("like", 2);
    var request =
        Ask.of("ads", 5, 6)
            .builder("feed")
            .addCandidate(Columns.floats("bid", bids))
            .setObjective(objective.setBidColumn("bid"))
            .build();

    var reply = rank(request);

    float[] scores = oracle.scores(Ask.of("ads", 5, 6).feed(Mode.CACHE));
    for (int place = 0; place < 6; place++) {
      int i = reply.getOrder(place);
      assertEquals(
          (0.25 * scores[2 * i] + 2 * scores[2 * i + 1]) * bids[i],
          reply.getValues(place),
          10 * TOLERANCE);
      if (place > 0) {
        assertTrue(reply.getValues(place) <= reply.getValues(place - 1));
      }
    }
  }

  @Test
  void itemIdsComeBackInTheSlatesOrder() {
    var numbers = Int64List.newBuilder();
    var strings = StringList.newBuilder();
    for (int i = 0; i < 9; i++) {
      numbers.addValues(Long.MAX_VALUE - i);
      strings.addValues("item-\u00fc-" + i);
    }
    var request = Ask.of("ids", 2, 9).builder("feed").setTopK(4);

    var byNumber = rank(request.setInt64Ids(numbers).build());
    var byString = rank(request.setStringIds(strings).build());

    assertEquals(4, byNumber.getInt64Ids().getValuesCount());
    for (int place = 0; place < 4; place++) {
      int i = byNumber.getOrder(place);
      assertEquals(Long.MAX_VALUE - i, byNumber.getInt64Ids().getValues(place));
      assertEquals("item-\u00fc-" + i, byString.getStringIds().getValues(place));
    }
  }

  @Test
  void aStateWithInfinityIsNeverKept() {
    var request = Ask.of("overflow", 3, 3).builder("feed");
    var huge = new float[6];
    Arrays.fill(huge, 3e38f);
    request.setHistory(2, Columns.floats("history_dense", huge, 2));

    for (int i = 0; i < 2; i++) {
      var failure = assertThrows(StatusRuntimeException.class, () -> rank(request.build()));
      assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
      assertTrue(failure.getMessage().contains("feed version 1 gave NaN"), failure.getMessage());
    }

    var good = rank(Ask.of("overflow", 3, 3).feed(Mode.CACHE));
    assertEquals("no state for this user", good.getStateReason());
  }

  @Test
  void aCompressedRequestIsReadAsAnyOther() {
    var request = Ask.of("zip", 5, 50).feed(Mode.CACHE);

    assertScores(request, server.stub().withCompression("gzip").rank(request));
  }
}
