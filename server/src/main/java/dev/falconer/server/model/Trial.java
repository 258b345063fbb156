package dev.falconer.server.model;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.StateTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A full request with its state, to be scored by one variant after the other. One thread's. */
final class Trial implements AutoCloseable {
  /**
   * Sizes below a micro-batch at which variants are timed: short slates, and rests of long ones.
   */
  private static final List<Integer> SIZES = List.of(16, 64);

  private final Arena arena = Arena.ofConfined();
  private final History history;
  private final Candidates candidates;
  private final @Nullable StateTensors state;
  private final MemorySegment scores;
  private final List<Integer> sizes;

  /** Encodes the state by the user graph among the graphs. */
  Trial(Graphs graphs, GoldenCheck golden) {
    var spec = graphs.spec();
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
    if (spec.hasState()) {
      state = StateTensors.allocate(arena, spec, history.events());
      graphs.encode(history, null, state);
    } else {
      state = null;
    }
  }

  /** Returns the sizes of calls that the server will make, ascending to a full micro-batch. */
  List<Integer> sizes() {
    return sizes;
  }

  /** Returns what scores so many of the candidates. */
  IntConsumer scorer(Graphs graphs) {
    return state == null
        ? count -> graphs.scoreStateless(history, candidates, 0, count, scores)
        : count -> graphs.score(state, candidates, 0, count, scores);
  }

  @Override
  public void close() {
    arena.close();
  }
}
