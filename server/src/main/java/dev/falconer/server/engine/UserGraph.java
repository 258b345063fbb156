package dev.falconer.server.engine;

import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The user graph: history columns [1, n, ...] and the past state to the grown state. */
public final class UserGraph implements AutoCloseable {
  private final Session session;
  private final ModelSpec spec;
  private final List<Input> inputs;

  /** Opens the graph. Throws {@link GraphException}. */
  public UserGraph(OrtEngine engine, Path file, ExecutedBy by, ModelSpec spec) {
    this.session = engine.open(file, by);
    this.spec = spec;
    try {
      this.inputs = Input.of(session, spec);
      for (var input : inputs) {
        if (input instanceof Input.Candidate
            || input instanceof Input.Context
            || input instanceof Input.State) {
          throw Input.misplaced(session, input);
        }
      }
      spec.state().forEach(state -> session.outputRank(state.name()));
    } catch (GraphException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Encodes events into the memory of {@code out}.
   *
   * @param events the user's columns with the new events only
   * @param past the state that the events continue; null for none
   * @param out as many events as the past's and the new ones together
   */
  public void encode(History events, @Nullable StateTensors past, StateTensors out) {
    try (var arena = Arena.ofConfined();
        var feeds = session.tensors();
        var outputs = session.tensors()) {
      for (var input : inputs) {
        switch (input) {
          case Input.User(var _, int index) ->
              feeds.add(
                  events.columns().get(index),
                  events.specs().get(index).shape(rows(events, index)));
          case Input.Length(String name) -> {
            var length = arena.allocate(ValueLayout.JAVA_LONG);
            length.set(ValueLayout.JAVA_LONG, 0, events.events());
            feeds.add(name, DType.INT64, length, new long[] {1});
          }
          case Input.Past(String name, int index) -> {
            var state = spec.state().get(index);
            if (past == null) {
              var none = arena.allocate(Long.BYTES).asSlice(0, 0);
              feeds.add(name, state.dtype(), none, state.shapeWith(0));
            } else {
              MemorySegment memory = past.segments().get(index);
              feeds.add(name, state.dtype(), memory, state.shapeOf(past.events()));
            }
          }
          case Input.Candidate _, Input.Context _, Input.State _ ->
              throw Input.misplaced(session, input);
        }
      }
      for (int i = 0; i < spec.state().size(); i++) {
        var state = spec.state().get(i);
        outputs.add(
            state.name(), state.dtype(), out.segments().get(i), state.shapeOf(out.events()));
      }
      session.run(feeds, outputs);
    }
  }

  private static int rows(History events, int index) {
    return events.specs().get(index).isHistory() ? events.events() : 1;
  }

  @Override
  public void close() {
    session.close();
  }
}
