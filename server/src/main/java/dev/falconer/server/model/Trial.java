package dev.falconer.server.model;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** A full request with its state, to be scored by one variant after the other. One thread's. */
final class Trial implements AutoCloseable {
  /**
   * Sizes below a micro-batch at which variants are timed: short slates, and rests of long ones.
   */
  private static final List<Integer> SIZES = List.of(16, 64);

  private final Arena arena = Arena.ofConfined();
  private final History history;
  private final Candidates candidates;
  private final Map<ModelSpec, StateTensors> states = new HashMap<>();
  private final MemorySegment scores;
  private final List<Integer> sizes;

  /** Makes the request, of the longest history and a full micro-batch. */
  Trial(ModelSpec spec, GoldenCheck golden) {
    int most = spec.microBatch();
    sizes =
        IntStream.concat(SIZES.stream().mapToInt(size -> size), IntStream.of(most))
            .filter(size -> size <= most)
            .distinct()
            .boxed()
            .toList();
    var request = FullRequest.of(arena, spec, golden, most);
    history = request.history();
    candidates = request.candidates();
    scores = arena.allocate((long) most * spec.tasks().size() * Float.BYTES, 64);
  }

  /** Returns the sizes of calls that the server will make, ascending to a full micro-batch. */
  List<Integer> sizes() {
    return sizes;
  }

  /** Returns what scores so many of the candidates. */
  IntConsumer scorer(Graphs graphs) {
    if (!graphs.spec().hasState()) {
      return count -> graphs.scoreStateless(history, candidates, 0, count, scores);
    }
    var state = states.computeIfAbsent(graphs.spec(), _ -> encoded(graphs));
    return count -> graphs.score(state, candidates, 0, count, scores);
  }

  /** Variants whose states hold the same share one. */
  private StateTensors encoded(Graphs graphs) {
    var state = StateTensors.allocate(arena, graphs.spec(), history.events());
    graphs.encode(history, null, state);
    return state;
  }

  @Override
  public void close() {
    arena.close();
  }
}
