package dev.falconer.server.ranking;

import dev.falconer.server.batch.MicroBatches;
import dev.falconer.server.domain.BoundQuery;
import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.Finite;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.Mode;
import dev.falconer.server.domain.RankQuery;
import dev.falconer.server.domain.Ranked;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.domain.Scores;
import dev.falconer.server.domain.Slate;
import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.Timings;
import dev.falconer.server.domain.WarmQuery;
import dev.falconer.server.domain.Warmed;
import dev.falconer.server.engine.WholeGraph;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.model.ModelRepository;
import dev.falconer.server.model.ServedModel;
import dev.falconer.server.state.Lease;
import dev.falconer.server.state.StateCache;
import dev.falconer.server.state.StateKey;
import java.lang.foreign.MemorySegment;

/** Ranks: lease the model, hold the request against it, find the state, score, order. */
public final class Ranker {
  private final ModelRepository models;
  private final StateCache states;
  private final MicroBatches batches;
  private final Slabs slabs;

  /** Creates a ranker over the parts that it asks in turn. */
  public Ranker(ModelRepository models, StateCache states, MicroBatches batches, Slabs slabs) {
    this.models = models;
    this.states = states;
    this.batches = batches;
    this.slabs = slabs;
  }

  /** Returns the scores and the slate. Throws {@link RequestException}. */
  public Ranked rank(RankQuery query, Budget budget) {
    budget.check();
    try (var lease = models.lease(query.model(), query.version())) {
      var model = lease.model();
      var bound = model.binder().bind(query);
      return query.mode() == Mode.WHOLE || !model.spec().hasState()
          ? whole(query.mode(), bound, model, budget)
          : amortised(query, bound, model, budget);
    }
  }

  /** Encodes a user's history and keeps the state. Throws {@link RequestException}. */
  public Warmed warm(WarmQuery query, Budget budget) {
    budget.check();
    try (var lease = models.lease(query.model(), query.version())) {
      var model = lease.model();
      var history = model.binder().bind(query);
      long start = System.nanoTime();
      try (var state = kept(query.userKey(), model, history, budget)) {
        return new Warmed(
            model.spec().version(),
            state.outcome(),
            state.reason(),
            state.bytes(),
            new Timings(System.nanoTime() - start, state.encodeNanos(), 0));
      }
    }
  }

  private Ranked amortised(RankQuery query, BoundQuery bound, ServedModel model, Budget budget) {
    var candidates = bound.candidates();
    long start = System.nanoTime();
    try (var slab = slabs.borrow(scoreBytes(bound, model));
        var state =
            query.mode() == Mode.BYPASS
                ? states.bypass(model.spec(), bound.history(), model::encode)
                : kept(query.userKey(), model, bound.history(), budget)) {
      var scores = slab.take(scoreBytes(bound, model));
      long ready = System.nanoTime();
      batches.score(
          candidates.count(),
          model.spec().microBatch(),
          (from, count) -> {
            budget.check();
            model.score(state.tensors(), candidates, from, count, scores);
          });
      var timings = new Timings(ready - start, state.encodeNanos(), System.nanoTime() - ready);
      return ranked(bound, model, scores, state.outcome(), state.reason(), timings);
    }
  }

  private Ranked whole(Mode mode, BoundQuery bound, ServedModel model, Budget budget) {
    boolean isRepeated = mode == Mode.WHOLE;
    var history = bound.history();
    var candidates = bound.candidates();
    long start = System.nanoTime();
    try (var slab = slabs.borrow(scoreBytes(bound, model))) {
      var scores = slab.take(scoreBytes(bound, model));
      batches.score(
          candidates.count(),
          isRepeated ? WholeGraph.MAX_ROWS : model.spec().microBatch(),
          (from, count) -> {
            budget.check();
            if (isRepeated) {
              model.scoreRepeated(history, candidates, from, count, scores);
            } else {
              model.scoreStateless(history, candidates, from, count, scores);
            }
          });
      var timings = new Timings(0, 0, System.nanoTime() - start);
      String reason =
          isRepeated ? "the whole graph, as the request asked" : "the model is served whole";
      return ranked(bound, model, scores, StateOutcome.NO_STATE, reason, timings);
    }
  }

  private Lease kept(String userKey, ServedModel model, History history, Budget budget) {
    var spec = model.spec();
    var key = new StateKey(spec.name(), spec.version(), spec.digest(), userKey);
    return states.get(key, spec, history, budget, model::encode);
  }

  private static Ranked ranked(
      BoundQuery bound,
      ServedModel model,
      MemorySegment scores,
      StateOutcome outcome,
      String reason,
      Timings timings) {
    var tasks = model.spec().tasks();
    long bad = Finite.firstBadFloat(scores);
    if (bad >= 0) {
      throw new RequestException(
          ErrorCode.MODEL_FAILED,
          model.spec().title()
              + " gave NaN or infinity for candidate "
              + bad / tasks.size()
              + " in task "
              + tasks.get((int) (bad % tasks.size())));
    }
    var candidates = bound.candidates();
    var slate =
        Slate.top(
            scores, candidates.count(), bound.weights().values(), candidates.bids(), bound.topK());
    return new Ranked(
        model.spec().version(),
        candidates.count(),
        Scores.copyOf(tasks, scores),
        slate,
        outcome,
        reason,
        timings);
  }

  private static long scoreBytes(BoundQuery bound, ServedModel model) {
    return (long) bound.candidates().count() * model.spec().tasks().size() * Float.BYTES;
  }
}
