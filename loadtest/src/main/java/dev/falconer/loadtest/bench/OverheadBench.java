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
import java.util.function.IntSupplier;
import org.HdrHistogram.Histogram;

/**
 * Measures what the server adds: a closed loop of one client and bare ONNX Runtime over the same
 * golden request, its candidates repeated to the number asked for. They take turns in short blocks:
 * a noisy moment meets both, and neither runs on the other's caches. The bare side makes its
 * tensors once; the server also decodes, looks up the state, orders the slate and answers over a
 * socket.
 */
public final class OverheadBench {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int DIGITS = 3;

  /** Calls before any is measured: methods reach their last compilation after some ten thousand. */
  private static final int WARMUP_ROUNDS = 12_000;

  /** Calls of one kind in a row. */
  private static final int BLOCK = 100;

  /** Calls that encode anew, one in so many. */
  private static final int BYPASS_EVERY = 4;

  /** The same graphs on the same machine, but GEMM sums in another order at another row count. */
  private static final float SCORE_TOLERANCE = 1e-4f;

  private static final int REPLY_BYTES_PER_CANDIDATE = 16;

  private OverheadBench() {}

  /** Returns the figures of a server that serves the bundle unchunked at that many candidates. */
  public static Overhead run(Path bundle, Pools pools, String target, int candidates, int rounds) {
    var golden = pools.tiled(longest(pools), candidates);
    var request =
        request(pools.manifest().getName(), golden, "overhead-%x".formatted(System.nanoTime()));
    try (var client = RankingClient.builder(target).deadline(DEADLINE).build();
        var bare = new BareModel(bundle, pools.manifest(), golden);
        var floor =
            new SocketFloor(
                golden.getSerializedSize(),
                REPLY_BYTES_PER_CANDIDATE * candidates,
                () -> bare.score())) {
      checkScores(client.rank(request), bare.score());
      var calls = new Calls(client, request, bare, floor);
      for (int i = 0; i < Math.min(WARMUP_ROUNDS, 8 * rounds); i++) {
        calls.warmUp(i);
      }
      for (int done = 0; done < rounds; done += BLOCK) {
        calls.measure(Math.min(BLOCK, rounds - done));
      }
      return calls.overhead(candidates, events(pools, golden), rounds);
    }
  }

  /** The five kinds of call and their latencies, nanoseconds; the server's own in microseconds. */
  private static final class Calls {
    private final RankingClient client;
    private final RankingRequest request;
    private final RankingRequest bypassed;
    private final BareModel bare;
    private final SocketFloor floor;
    private final Histogram served = new Histogram(DIGITS);
    private final Histogram scored = new Histogram(DIGITS);
    private final Histogram floored = new Histogram(DIGITS);
    private final Histogram servedAnew = new Histogram(DIGITS);
    private final Histogram scoredAnew = new Histogram(DIGITS);
    private final Histogram inside = new Histogram(DIGITS);

    Calls(RankingClient client, RankingRequest request, BareModel bare, SocketFloor floor) {
      this.client = client;
      this.request = request;
      this.bypassed = request.withMode(Mode.BYPASS);
      this.bare = bare;
      this.floor = floor;
    }

    void warmUp(int round) {
      client.rank(round % BYPASS_EVERY == 0 ? bypassed : request);
    }

    void measure(int block) {
      repeat(block, served, this::hit);
      repeat(block, scored, () -> bare.score().length);
      repeat(block, floored, floor::call);
      repeat(Math.ceilDiv(block, BYPASS_EVERY), servedAnew, () -> client.rank(bypassed).size());
      repeat(
          Math.ceilDiv(block, BYPASS_EVERY), scoredAnew, () -> bare.encode() + bare.score().length);
    }

    private int hit() {
      var ranking = client.rank(request);
      if (ranking.state() != Ranking.State.HIT) {
        throw new IllegalStateException(
            "the state was lost between two calls: %s, %s"
                .formatted(ranking.state(), ranking.stateReason()));
      }
      inside.recordValue(ranking.micros().total());
      return ranking.size();
    }

    Overhead overhead(int candidates, int events, int rounds) {
      return new Overhead(
          candidates,
          events,
          rounds,
          micros(served),
          micros(scored),
          micros(floored),
          micros(servedAnew),
          micros(scoredAnew),
          inside.getValueAtPercentile(50),
          Machine.describe());
    }
  }

  private static void repeat(int times, Histogram into, IntSupplier call) {
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      if (call.getAsInt() == 0) {
        throw new IllegalStateException("a call came back with nothing");
      }
      into.recordValue(System.nanoTime() - start);
    }
  }

  private static double micros(Histogram nanos) {
    return nanos.getValueAtPercentile(50) / 1e3;
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
