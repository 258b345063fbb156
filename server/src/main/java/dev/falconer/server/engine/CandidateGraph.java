package dev.falconer.server.engine;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateTensors;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** The candidate graph: candidates [1, m, ...], the request's columns and the state to scores. */
public final class CandidateGraph implements AutoCloseable {
  private final Session session;
  private final ModelSpec spec;
  private final List<Input> inputs;
  private final ScoreShape scoreShape;

  /** Opens the graph. Throws {@link GraphException}. */
  public CandidateGraph(OrtEngine engine, Path file, ExecutedBy by, ModelSpec spec) {
    this.session = engine.open(file, by);
    this.spec = spec;
    try {
      this.inputs = Input.of(session, spec);
      for (var input : inputs) {
        if (input instanceof Input.User
            || input instanceof Input.Length
            || input instanceof Input.Past) {
          throw Input.misplaced(session, input);
        }
      }
      this.scoreShape = ScoreShape.of(session, spec);
    } catch (GraphException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Scores a run of the candidates against a state.
   *
   * @param scores float32 [m, tasks] of all the candidates; the run's rows are written
   */
  public void score(
      StateTensors state, Candidates candidates, int from, int count, MemorySegment scores) {
    try (var feeds = session.tensors();
        var outputs = session.tensors()) {
      for (var input : inputs) {
        switch (input) {
          case Input.Candidate(var _, int index) -> {
            var column = candidates.specs().get(index);
            feeds.add(
                candidates.columns().get(index).rows(from, count, column.rowSize()),
                column.shape(count));
          }
          case Input.Context(var _, int index) ->
              feeds.add(
                  candidates.context().get(index), candidates.contextSpecs().get(index).shape(1));
          case Input.State(String name, int index) -> {
            var tensor = spec.state().get(index);
            feeds.add(
                name, tensor.dtype(), state.segments().get(index), tensor.shapeOf(state.events()));
          }
          case Input.User _, Input.Length _, Input.Past _ -> throw Input.misplaced(session, input);
        }
      }
      scoreShape.pin(outputs, scores, from, count);
      session.run(feeds, outputs);
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
