package dev.falconer.server.model;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.Role;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.engine.WholeGraph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs each graph once per size that requests will have, so that the first request finds memory
 * pools and code paths warm, and a graph that fails at some size fails before it is served.
 */
final class WarmUp {
  private WarmUp() {}

  static void run(Graphs model) {
    var spec = model.spec();
    Set<Integer> histories =
        new TreeSet<>(
            List.of(
                spec.historyMin(),
                Math.clamp(1, spec.historyMin(), spec.historyMax()),
                spec.historyMax()));
    Set<Integer> sizes = new TreeSet<>(List.of(1, 2, spec.microBatch()));
    for (int events : histories) {
      try (var arena = Arena.ofConfined()) {
        var history = zeros(arena, spec.columns(Role.USER), events);
        for (int count : sizes) {
          var candidates =
              new Candidates(
                  count,
                  spec.columns(Role.CANDIDATE),
                  columns(arena, spec.columns(Role.CANDIDATE), count),
                  spec.columns(Role.CONTEXT),
                  columns(arena, spec.columns(Role.CONTEXT), 1),
                  MemorySegment.NULL);
          var scores = arena.allocate((long) count * spec.tasks().size() * Float.BYTES, 64);
          if (!spec.hasState()) {
            model.scoreStateless(history, candidates, 0, count, scores);
          } else {
            var state = StateTensors.allocate(arena, spec, events);
            model.encode(history, null, state);
            model.score(state, candidates, 0, count, scores);
            grow(arena, model, state);
          }
          if (count <= 2) {
            model
                .whole()
                .scoreRepeated(
                    history, candidates, 0, Math.min(count, WholeGraph.MAX_ROWS), scores);
          }
        }
      }
    }
  }

  private static void grow(Arena arena, Graphs model, StateTensors state) {
    var spec = model.spec();
    if (spec.canGrow() && state.events() < spec.historyMax()) {
      model.encode(
          zeros(arena, spec.columns(Role.USER), 1),
          state,
          StateTensors.allocate(arena, spec, state.events() + 1));
    }
  }

  private static History zeros(Arena arena, List<ColumnSpec> specs, int events) {
    return new History(
        events,
        specs,
        specs.stream().map(spec -> column(arena, spec, spec.isHistory() ? events : 1)).toList());
  }

  private static List<Column> columns(Arena arena, List<ColumnSpec> specs, int rows) {
    return specs.stream().map(spec -> column(arena, spec, rows)).toList();
  }

  /** Returns a column of zeros or empty strings. */
  static Column column(Arena arena, ColumnSpec spec, int rows) {
    if (spec.dtype() == DType.STRING) {
      var strings = new String[Math.toIntExact(rows * spec.rowSize())];
      Arrays.fill(strings, "");
      return Column.ofStrings(spec.name(), spec.rowShape(), strings);
    }
    long bytes = rows * spec.rowSize();
    // Never of 0 bytes, so that the address is a real one.
    var memory = arena.allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
    return Column.ofNumbers(spec.name(), spec.dtype(), spec.rowShape(), memory);
  }
}
