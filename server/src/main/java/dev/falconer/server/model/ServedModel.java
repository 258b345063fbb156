package dev.falconer.server.model;

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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a model with its graphs open. The repository and each request that uses it hold a
 * reference; the graphs close with the last, so never while one runs.
 */
public final class ServedModel {
  private final ModelSpec spec;
  private final String variant;
  private final Binder binder;
  private final @Nullable UserGraph user;
  private final @Nullable CandidateGraph candidate;
  private final WholeGraph stateless;
  private final WholeGraph whole;
  private final References references;

  /**
   * Takes over the graphs.
   *
   * @param variant name of the variant served
   * @param user null for a model served whole, like {@code candidate}
   * @param stateless what answers for a model without a state: a variant, or the whole graph
   * @param onClosed runs after the graphs closed
   */
  ServedModel(
      ModelSpec spec,
      String variant,
      Binder binder,
      @Nullable UserGraph user,
      @Nullable CandidateGraph candidate,
      WholeGraph stateless,
      WholeGraph whole,
      List<AutoCloseable> graphs,
      Runnable onClosed) {
    this.spec = spec;
    this.variant = variant;
    this.binder = binder;
    this.user = user;
    this.candidate = candidate;
    this.stateless = stateless;
    this.whole = whole;
    this.references =
        new References(() -> {
          Graphs.closeAll(graphs);
          onClosed.run();
        });
  }

  /** Returns what the model reads and gives. */
  public ModelSpec spec() {
    return spec;
  }

  /** Returns the name of the variant of the candidate graph that is served. */
  public String variant() {
    return variant;
  }

  /** Returns what holds requests against this model. */
  public Binder binder() {
    return binder;
  }

  /** Encodes events into {@code out}; see {@link UserGraph#encode}. */
  public void encode(History events, @Nullable StateTensors past, StateTensors out) {
    if (user == null) {
      throw new IllegalStateException(spec.title() + " has no user graph");
    }
    user.encode(events, past, out);
  }

  /** Scores a run of candidates against a state; see {@link CandidateGraph#score}. */
  public void score(
      StateTensors state, Candidates candidates, int from, int count, MemorySegment scores) {
    if (candidate == null) {
      throw new IllegalStateException(spec.title() + " has no candidate graph");
    }
    candidate.score(state, candidates, from, count, scores);
  }

  /** Scores a run of candidates of a model without a state; see {@link WholeGraph#score}. */
  public void scoreStateless(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    stateless.score(history, candidates, from, count, scores);
  }

  /** Scores a run of candidates beside one history; see {@link WholeGraph#score}. */
  public void scoreWhole(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    whole.score(history, candidates, from, count, scores);
  }

  /** Scores a run of candidates, the history repeated; see {@link WholeGraph#scoreRepeated}. */
  public void scoreRepeated(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    whole.scoreRepeated(history, candidates, from, count, scores);
  }

  boolean tryRetain() {
    return references.tryRetain();
  }

  void release() {
    references.release();
  }
}
