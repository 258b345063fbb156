package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.evaluate.ModelBenchmark.Call;
import dev.falconer.compressor.evaluate.ModelBenchmark.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Calls that take turns, round after round, so that a busy moment of the machine hits them all. */
final class Turns {
  /** The share of time a way and size may take of a round. */
  private static final double ROUND_MILLIS = 400;

  private static final int MOST_CALLS = 15;

  private final Map<String, Map<Integer, Supplier<List<Time>>>> turns = new LinkedHashMap<>();

  /** Adds the call of a way of doing something, on a size. */
  void add(String way, int size, Call call) {
    add(way, size, () -> timed(call));
  }

  /** Adds what does a turn of a way, on a size, and returns the times of its calls. */
  void add(String way, int size, Supplier<List<Time>> turn) {
    turns.computeIfAbsent(way, _ -> new LinkedHashMap<>()).put(size, turn);
  }

  /**
   * Returns median times by way and size.
   *
   * @param rounds at least 1
   * @param progress told before each round
   */
  Map<String, Map<Integer, Time>> medians(int rounds, Consumer<String> progress) {
    Map<String, Map<Integer, List<Time>>> times = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      progress.accept("round " + round + " of " + rounds);
      turns.forEach((way, bySize) ->
          bySize.forEach((size, turn) ->
              times
                  .computeIfAbsent(way, _ -> new LinkedHashMap<>())
                  .computeIfAbsent(size, _ -> new ArrayList<>())
                  .addAll(turn.get())));
    }
    Map<String, Map<Integer, Time>> medians = new LinkedHashMap<>();
    times.forEach((way, bySize) -> {
      var of = new LinkedHashMap<Integer, Time>();
      bySize.forEach((size, list) -> of.put(size, median(list)));
      medians.put(way, of);
    });
    return medians;
  }

  /** Returns the times of one call, and of more when it is short. */
  static List<Time> timed(Call call) {
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
}
