package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.bundle.Columns;
import dev.falconer.server.fixture.Ask;
import dev.falconer.server.fixture.Oracle;
import dev.falconer.server.fixture.TestServer;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.v1.Mode;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.StateOutcome;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests at once: each is answered as if it were alone. */
class ConcurrencyTest {
  private static final float TOLERANCE = 1e-5f;

  @TempDir Path repository;

  private ServerConfig config(long stateCacheBytes, int maxConcurrent) throws IOException {
    TinyBundle.feed(1).write(repository);
    return new ServerConfig(
        repository,
        0,
        0,
        Duration.ZERO,
        4,
        stateCacheBytes,
        Duration.ofHours(1),
        VariantConfig.of(Map.of()),
        OptionalInt.empty(),
        1 << 24,
        4096,
        maxConcurrent,
        Duration.ofSeconds(30));
  }

  private Oracle oracle() {
    return new Oracle(repository.resolve("feed/1/whole.onnx"));
  }

  @Test
  void concurrentAppendsEndAsIfOneCameAfterTheOther() throws Exception {
    try (var server = new TestServer(config(1 << 20, 512));
        var oracle = oracle();
        var clients = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 60; round++) {
        var base = Ask.of("user-" + round, 8, 5);
        server.stub().rank(base.feed(Mode.CACHE));
        var left = base.events(1, 2, 3, 4, 5, 6, 7, 8, 21).feed(Mode.CACHE);
        var right = base.events(1, 2, 3, 4, 5, 6, 7, 8, 22, 23).feed(Mode.CACHE);

        var one = clients.submit(() -> server.stub().rank(left));
        var two = clients.submit(() -> server.stub().rank(right));

        assertArrayEquals(oracle.scores(left), Columns.toFloats(one.get().getScores()), TOLERANCE);
        assertArrayEquals(oracle.scores(right), Columns.toFloats(two.get().getScores()), TOLERANCE);
        // Whoever came second found the other's state, not its own prefix.
        boolean leftLast = server.stub().rank(left).getState() == StateOutcome.HIT;
        var last = leftLast ? one.get() : two.get();
        assertEquals(StateOutcome.MISS, last.getState(), "round " + round);
      }
    }
  }

  @Test
  void oneColdUserIsEncodedOnce() throws Exception {
    try (var server = new TestServer(config(1 << 20, 512));
        var clients = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 30; round++) {
        var request = Ask.of("cold-" + round, 32, 5).feed(Mode.CACHE);
        var outcomes = new EnumMap<StateOutcome, Integer>(StateOutcome.class);
        var replies = new ArrayList<Future<StateOutcome>>();
        for (int i = 0; i < 8; i++) {
          replies.add(clients.submit(() -> server.stub().rank(request).getState()));
        }
        for (var reply : replies) {
          outcomes.merge(reply.get(), 1, Integer::sum);
        }
        assertEquals(Map.of(StateOutcome.MISS, 1, StateOutcome.HIT, 7), outcomes);
      }
    }
  }

  @Test
  void evictionInFlightNeverMixesStates() throws Exception {
    // Room for two or three of twelve users.
    try (var server = new TestServer(config(6000, 512));
        var oracle = oracle();
        var clients = Executors.newFixedThreadPool(4)) {
      Map<RankRequest, float[]> expected = new HashMap<>();
      var requests = new ArrayList<RankRequest>();
      for (int user = 0; user < 12; user++) {
        long offset = 100L * user;
        for (int n = 1; n <= 32; n += 3) {
          long[] events = LongStream.range(0, n).map(i -> offset + i * 7).toArray();
          var request = Ask.of("user-" + user, 0, 9).events(events).feed(Mode.CACHE);
          requests.add(request);
          expected.put(request, oracle.scores(request));
        }
      }
      var work = new ArrayList<Future<?>>();
      for (int client = 0; client < 4; client++) {
        long seed = client;
        work.add(
            clients.submit(() -> {
              var random = new Random(seed);
              for (int i = 0; i < 500; i++) {
                var request = requests.get(random.nextInt(requests.size()));
                var reply = server.stub().rank(request);
                assertArrayEquals(
                    expected.get(request),
                    Columns.toFloats(reply.getScores()),
                    TOLERANCE,
                    "seed " + seed + " request " + i + " " + reply.getStateReason());
              }
            }));
      }
      for (var each : work) {
        each.get();
      }
      var metrics = server.metrics();
      assertTrue(metrics.get("falconer_state_evictions_total") > 0);
      assertTrue(metrics.get("falconer_state_cache_bytes") <= 6000);
      assertEquals(
          metrics.get("falconer_state_cache_bytes"), metrics.get("falconer_state_native_bytes"));
      assertEquals(0, metrics.get("falconer_requests_in_flight"));
    }
  }

  @Test
  void moreRequestsThanTheBoundAreRejectedAndTheOthersAnswered() throws Exception {
    try (var server = new TestServer(config(1 << 20, 1))) {
      var stub = RankingGrpc.newFutureStub(server.channel());
      var heavy = Ask.of("heavy", 32, 2000).feed(Mode.WHOLE);
      var replies = new ArrayList<Future<?>>();
      for (int i = 0; i < 8; i++) {
        replies.add(stub.rank(heavy));
      }
      int answered = 0;
      for (var reply : replies) {
        try {
          reply.get();
          answered++;
        } catch (ExecutionException e) {
          var failure = (StatusRuntimeException) e.getCause();
          assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode());
          assertTrue(
              failure.getMessage().contains("at most 1 requests at once"), failure.getMessage());
        }
      }
      assertTrue(answered >= 1 && answered < 8, answered + " answered");
      server.stub().rank(Ask.of("after", 3, 3).feed(Mode.CACHE));
    }
  }
}
