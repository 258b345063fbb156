package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OrtException;
import dev.falconer.compressor.evaluate.ModelBenchmark.Call;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Latency of a ranker in every way it may be served, in one process on one thread.
 *
 * <p>The ways take turns, round after round, so that a busy moment of the machine hits all of them;
 * the median over all rounds counts.
 *
 * @param request with n events and at least as many candidates as the largest m
 * @param scores output that is read
 * @param whole [history ; candidate] as one sequence, every row through every layer
 * @param trimmed the trained whole graph as it is
 * @param user user graph
 * @param candidate candidate graph
 * @param compressed candidate graph of the compressed variant
 * @param microBatch candidates per call of a candidate graph
 */
public record ModelBench(
    BenchRequest request,
    String scores,
    Optional<OrtRunner> whole,
    OrtRunner trimmed,
    OrtRunner user,
    OrtRunner candidate,
    Optional<OrtRunner> compressed,
    int microBatch)
    implements AutoCloseable {
  /** Names of the ways, in the order measured. */
  public static final List<String> WAYS =
      List.of("whole", "trimmed", "amortised_miss", "amortised_hit", "compressed_hit");

  /** The share of time a way and size may take of a round. */
  private static final double ROUND_MILLIS = 400;

  private static final int MOST_CALLS = 15;

  /**
   * Returns median times by way and m.
   *
   * @param sizes values of m
   * @param rounds at least 1
   * @param progress told before each round
   */
  public Map<String, Map<Integer, Time>> run(
      List<Integer> sizes, int rounds, Consumer<String> progress) {
    try (var serving = new Serving(request, scores)) {
      var calls = new LinkedHashMap<String, Map<Integer, Call>>();
      int wholeRows = whole.isPresent() ? serving.fastestChunk(whole.get()) : 0;
      int trimmedRows = serving.fastestChunk(trimmed);
      progress.accept(
          "rows per call of the whole graph %d, trimmed %d: the fastest of those tried"
              .formatted(wholeRows, trimmedRows));
      for (int m : sizes) {
        if (whole.isPresent()) {
          put(calls, "whole", m, serving.repeated(whole.get(), m, wholeRows));
        }
        put(calls, "trimmed", m, serving.repeated(trimmed, m, trimmedRows));
        put(calls, "amortised_miss", m, serving.miss(user, candidate, m, microBatch));
        put(calls, "amortised_hit", m, serving.hit(user, candidate, m, microBatch));
        if (compressed.isPresent()) {
          put(calls, "compressed_hit", m, serving.hit(user, compressed.get(), m, microBatch));
        }
      }
      return medians(calls, rounds, progress);
    } catch (OrtException e) {
      throw new IllegalArgumentException("the request doesn't fit: " + e.getMessage(), e);
    }
  }

  private static Map<String, Map<Integer, Time>> medians(
      Map<String, Map<Integer, Call>> calls, int rounds, Consumer<String> progress) {
    Map<String, Map<Integer, List<Time>>> times = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      progress.accept("round " + round + " of " + rounds);
      for (String way : calls.keySet()) {
        Map<Integer, Call> bySize = calls.getOrDefault(way, Map.of());
        bySize.forEach((m, call) ->
            times
                .computeIfAbsent(way, _ -> new LinkedHashMap<>())
                .computeIfAbsent(m, _ -> new ArrayList<>())
                .addAll(timed(call)));
      }
    }
    Map<String, Map<Integer, Time>> medians = new LinkedHashMap<>();
    times.forEach((way, bySize) -> {
      var of = new LinkedHashMap<Integer, Time>();
      bySize.forEach((m, list) -> of.put(m, median(list)));
      medians.put(way, of);
    });
    return medians;
  }

  /** Returns the times of one call, and of more when it is short. */
  private static List<Time> timed(Call call) {
    Time first = ModelBenchmark.times(call, 0, 1).getFirst();
    if (first.wallMillis() > ROUND_MILLIS) {
      return List.of(first);
    }
    // The first call warms up.
    int count = (int) Math.clamp(ROUND_MILLIS / Math.max(first.wallMillis(), .01), 3, MOST_CALLS);
    return ModelBenchmark.times(call, 2, count);
  }

  private static Time median(List<Time> times) {
    return new Time(
        median(times.stream().mapToDouble(Time::wallMillis).sorted().toArray()),
        median(times.stream().mapToDouble(Time::cpuMillis).sorted().toArray()));
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static void put(Map<String, Map<Integer, Call>> calls, String way, int m, Call call) {
    calls.computeIfAbsent(way, _ -> new LinkedHashMap<>()).put(m, call);
  }

  @Override
  public void close() {
    whole.ifPresent(OrtRunner::close);
    trimmed.close();
    user.close();
    candidate.close();
    compressed.ifPresent(OrtRunner::close);
  }
}
