package dev.falconer.server.model;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.engine.CandidateGraph;
import dev.falconer.server.engine.UserGraph;
import dev.falconer.server.engine.WholeGraph;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The opened graphs of a version, with one variant of what scores candidates.
 *
 * @param user null for a model served whole
 * @param scorer may be {@code whole} itself
 */
record Graphs(ModelSpec spec, @Nullable UserGraph user, WholeGraph whole, Scorer scorer) {
  /** Returns the graphs with another variant. */
  Graphs with(Scorer other) {
    return new Graphs(spec, user, whole, other);
  }

  /** Returns the graphs with the user graph of a variant whose state holds more. */
  Graphs with(ModelSpec own, UserGraph other) {
    return new Graphs(own, other, whole, scorer);
  }

  /** Encodes events into {@code out}; see {@link UserGraph#encode}. */
  void encode(History events, @Nullable StateTensors past, StateTensors out) {
    if (user == null) {
      throw new IllegalStateException(spec.title() + " has no user graph");
    }
    user.encode(events, past, out);
  }

  /** Scores a run of candidates against a state; see {@link CandidateGraph#score}. */
  void score(StateTensors state, Candidates candidates, int from, int count, MemorySegment scores) {
    switch (scorer) {
      case Scorer.OfState(var _, var graph) -> graph.score(state, candidates, from, count, scores);
      case Scorer.OfHistory _ ->
          throw new IllegalStateException(spec.title() + " scores beside a history, not a state");
    }
  }

  /** Scores a run of candidates of a model without a state; see {@link WholeGraph#score}. */
  void scoreStateless(
      History history, Candidates candidates, int from, int count, MemorySegment scores) {
    switch (scorer) {
      case Scorer.OfState _ ->
          throw new IllegalStateException(spec.title() + " scores against a state");
      case Scorer.OfHistory(var _, var graph) ->
          graph.score(history, candidates, from, count, scores);
    }
  }
}
