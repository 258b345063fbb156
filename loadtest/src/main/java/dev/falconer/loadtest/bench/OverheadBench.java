package dev.falconer.loadtest.bench;

import dev.falconer.client.FeatureColumn;
import dev.falconer.client.Ranking;
import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.bare.BareModel;
import dev.falconer.loadtest.load.Machine;
import dev.falconer.loadtest.traffic.Pools;
import dev.falconer.v1.Column;
import dev.falconer.v1.RankRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Measures what the server adds: a closed loop of one client and bare ONNX Runtime take turns over
 * the same golden request, its candidates repeated to the number asked for, so that a noisy moment
 * meets both. The bare side makes its tensors once; the server also decodes, looks up the state,
 * orders the slate and answers over a socket.
 */
public final class OverheadBench {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int DIGITS = 3;

  /** Rounds before any is measured: a method is compiled for good after some 5,000 calls. */
  private static final int WARMUP_ROUNDS = 4_000;

  /** Rounds that encode anew, one in so many. */
  private static final int BYPASS_EVERY = 4;

  /** The same graphs on the same machine, but GEMM sums in another order at another row count. */
  private static final float SCORE_TOLERANCE = 1e-4f;

  private OverheadBench() {}

  /** Returns the figures of a server that serves the bundle unchunked at that many candidates. */
  public static Overhead run(Path bundle, Pools pools, String target, int candidates, int rounds) {
    var golden = pools.tiled(longest(pools), candidates);
    var request =
        request(pools.manifest().getName(), golden, "overhead-%x".formatted(System.nanoTime()));
    try (var client = RankingClient.builder(target).deadline(DEADLINE).build();
        var bare = new BareModel(bundle, pools.manifest(), golden)) {
      checkScores(client.rank(request), bare.score());
      var bypassed = request.withMode(Mode.BYPASS);
      rounds(Math.min(WARMUP_ROUNDS, 4 * rounds), client, bare, request, bypassed, new Medians());
      var medians = new Medians();
      rounds(rounds, client, bare, request, bypassed, medians);
      return new Overhead(
          candidates,
          events(pools, golden),
          rounds,
          micros(medians.server),
          micros(medians.bare),
          micros(medians.serverBypass),
          micros(medians.bareBypass),
          medians.inside.getValueAtPercentile(50),
          Machine.describe());
    }
  }

  /** Latencies by kind of call, nanoseconds; inside in microseconds. */
  private static final class Medians {
    private final Histogram server = new Histogram(DIGITS);
    private final Histogram bare = new Histogram(DIGITS);
    private final Histogram serverBypass = new Histogram(DIGITS);
    private final Histogram bareBypass = new Histogram(DIGITS);
    private final Histogram inside = new Histogram(DIGITS);
  }

  private static void rounds(
      int rounds,
      RankingClient client,
      BareModel bare,
      RankingRequest request,
      RankingRequest bypassed,
      Medians into) {
    for (int i = 0; i < rounds; i++) {
      into.server.recordValue(
          time(() -> {
            var ranking = client.rank(request);
            if (ranking.state() != Ranking.State.HIT) {
              throw new IllegalStateException(
                  "the state was lost between two calls: %s, %s"
                      .formatted(ranking.state(), ranking.stateReason()));
            }
            into.inside.recordValue(ranking.micros().total());
            return ranking.size();
          }));
      into.bare.recordValue(time(() -> bare.score().length));
      if (i % BYPASS_EVERY == 0) {
        into.serverBypass.recordValue(time(() -> client.rank(bypassed).size()));
        into.bareBypass.recordValue(time(() -> bare.encode() + bare.score().length));
      }
    }
  }

  private static double micros(Histogram nanos) {
    return nanos.getValueAtPercentile(50) / 1e3;
  }

  private static long time(LongSupplier call) {
    long start = System.nanoTime();
    if (call.getAsLong() == 0) {
      throw new IllegalStateException("a call came back with nothing");
    }
    return System.nanoTime() - start;
  }

  private static void checkScores(Ranking ranking, float[] bare) {
    var served = ranking.scores();
    if (served.length != bare.length) {
      throw new IllegalStateException(
          "the server gives %d scores, bare ONNX Runtime %d".formatted(served.length, bare.length));
    }
    for (int i = 0; i < bare.length; i++) {
      if (!(Math.abs(served[i] - bare[i]) <= SCORE_TOLERANCE)) {
        throw new IllegalStateException(
            "score %d: the server gives %s, bare ONNX Runtime %s: not the same bundle?"
                .formatted(i, served[i], bare[i]));
      }
    }
  }

  /** The golden request with the longest history that has candidates. */
  private static int longest(Pools pools) {
    int best = -1;
    int most = -1;
    for (int i = 0; i < pools.golden().size(); i++) {
      var request = pools.golden().get(i).getRequest();
      int bytes = request.getHistoryList().stream().mapToInt(c -> c.getData().size()).sum();
      if (bytes > most
          && request.getCandidateList().stream().noneMatch(c -> c.getData().isEmpty())) {
        best = i;
        most = bytes;
      }
    }
    if (best < 0) {
      throw new IllegalStateException("no golden request has candidates");
    }
    return best;
  }

  private static int events(Pools pools, RankRequest request) {
    return request.getHistoryList().stream()
        .filter(column -> pools.isHistory(column.getName()))
        .mapToInt(column -> sdk(column).rows())
        .max()
        .orElse(0);
  }

  private static RankingRequest request(String model, RankRequest golden, String user) {
    return RankingRequest.builder(model)
        .user(user)
        .history(columns(golden.getHistoryList()))
        .candidates(columns(golden.getCandidateList()))
        .context(columns(golden.getRequestList()))
        .weights(golden.getObjective().getWeightsMap())
        .bidColumn(golden.getObjective().getBidColumn())
        .build();
  }

  private static FeatureColumn[] columns(List<Column> columns) {
    return columns.stream().map(OverheadBench::sdk).toArray(FeatureColumn[]::new);
  }

  private static FeatureColumn sdk(Column column) {
    return FeatureColumn.wrap(
        column.getName(),
        FeatureColumn.Type.valueOf(column.getDtype().name()),
        column.getData().asReadOnlyByteBuffer(),
        column.getRowShapeList().stream().mapToInt(Math::toIntExact).toArray());
  }
}
