package dev.falconer.server.model;

import dev.falconer.server.choice.Choice;
import dev.falconer.server.domain.Binder;
import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.engine.CandidateGraph;
import dev.falconer.server.engine.UserGraph;
import dev.falconer.server.engine.WholeGraph;
import dev.falconer.server.memory.References;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One version of a model with its graphs open. The repository and each request that uses it hold a
 * reference; the graphs close with the last, so never while one runs.
 */
public final class ServedModel {
  private final Graphs graphs;
  private final Choice choice;
  private final Binder binder;
  private final References references;

  /**
   * Takes the graphs over.
   *
   * @param opened what closes with the model
   * @param choice of the variant among them
   * @param onClosed runs after the graphs closed
   */
  ServedModel(Graphs graphs, Choice choice, Binder binder, Opened opened, Runnable onClosed) {
    this.graphs = graphs;
    this.choice = choice;
    this.binder = binder;
    this.references =
        new References(() -> {
          opened.close();
          onClosed.run();
        });
  }

  /** Returns what the model reads and gives. */
  public ModelSpec spec() {
    return graphs.spec();
  }

  /** Returns which variant scores candidates, and why. */
  public Choice choice() {
    return choice;
  }

  /** Returns what holds requests against this model. */
  public Binder binder() {
    return binder;
  }

  /** Encodes events into {@code out}; see {@link UserGraph#encode}. */
  public void encode(History events, @Nullable StateTensors past, StateTensors out) {
    graphs.encode(events, past, out);
  }

  /** Scores a run of candidates against a state; see {@link CandidateGraph#score}. */
  public void score(
      StateTensors state, Candidates candidates, int from, int count, MemorySegment scores) {
    graphs.score(state, candidates, from, count, scores);
  }

  /** Scores a run of candidates of a model without a state; see {@link WholeGraph#score}. */
  public void scoreStateless(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    graphs.scoreStateless(history, candidates, from, count, scores);
  }

  /** Scores a run of candidates, the history repeated; see {@link WholeGraph#scoreRepeated}. */
  public void scoreRepeated(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    graphs.whole().scoreRepeated(history, candidates, from, count, scores);
  }

  boolean tryRetain() {
    return references.tryRetain();
  }

  void release() {
    references.release();
  }
}
