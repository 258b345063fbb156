package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Chooses random requests to verify a split with: one candidate, two, and two primes of them; the
 * shortest history, the longest, and a length that equals no other of the graph, so that a shape
 * that fits by chance is seen.
 */
final class Cases {
  private static final long PADDING = 3;

  private final SplitModel split;
  private final Graph whole;
  private final Rows rows;
  private final RequestMaker maker;
  private final boolean triesEmpty;

  /**
   * Chooses for a split of a graph.
   *
   * @param triesEmpty whether to try an empty history, of which the runtime may die
   */
  Cases(SplitModel split, Graph whole, Rows rows, RequestMaker maker, boolean triesEmpty) {
    this.split = split;
    this.whole = whole;
    this.rows = rows;
    this.maker = maker;
    this.triesEmpty = triesEmpty;
  }

  /** Returns a request whose history is not empty. */
  Case of(String what, Map<String, TensorData> request) {
    return new Case(what, request, rows.trimmed(request), false);
  }

  /**
   * Returns random requests of all counts and lengths.
   *
   * @param drawn how they were, for errors
   */
  List<Case> drawn(String drawn, RandomGenerator random) {
    var all = new ArrayList<Case>();
    boolean distinct = split.roles().inputs(whole, Role.LENGTH).isEmpty();
    for (long events : eventCounts()) {
      for (long candidates : candidateCounts()) {
        Map<String, TensorData> request =
            maker.make(
                candidates, maker.lengths(events, distinct && events == someEvents()), random);
        all.add(
            new Case(
                "%s, %d candidates, %d events".formatted(drawn, candidates, events),
                request,
                rows.trimmed(request),
                events == 0));
      }
    }
    addPadded(all, drawn, random);
    return all;
  }

  private List<Long> candidateCounts() {
    long prime = Primes.outside(3, whole);
    return List.of(1L, 2L, prime, Primes.outside(prime + 1, whole));
  }

  /** Returns a history length that no other length of the graph equals. */
  long someEvents() {
    return Math.clamp(
        Primes.outside(5, whole), Math.max(1, split.historyMin()), Math.max(1, split.historyMax()));
  }

  private List<Long> eventCounts() {
    if (!hasHistory()) {
      return List.of(1L);
    }
    var counts = new LinkedHashSet<Long>();
    if (split.historyMin() == 0 && triesEmpty) {
      counts.add(0L);
    }
    counts.add(Math.max(1, split.historyMin()));
    counts.add(someEvents());
    counts.add(Math.max(split.historyMin(), split.historyMax()));
    return List.copyOf(counts);
  }

  private boolean hasHistory() {
    Graph read = split.isWhole() ? whole : split.user().graph();
    return read.inputs().stream()
        .anyMatch(input ->
            input.dims() != null
                && input.dims().stream().skip(1).anyMatch(dim -> !(dim instanceof Dim.Fixed)));
  }

  /** Adds a request whose history goes on after its length with events that must not count. */
  private void addPadded(List<Case> all, String drawn, RandomGenerator random) {
    List<ValueInfo> lengths = split.roles().inputs(whole, Role.LENGTH);
    long events = someEvents();
    if (!lengths.isEmpty() && hasHistory() && events + PADDING <= split.historyMax()) {
      var padded = new LinkedHashMap<>(maker.make(2, events + PADDING, random));
      Map<String, TensorData> shorter = maker.make(2, events, random);
      lengths.forEach(length -> padded.put(length.name(), Rows.get(shorter, length.name())));
      all.add(of("%s, %d events padded by %d".formatted(drawn, events, PADDING), padded));
    }
  }
}
