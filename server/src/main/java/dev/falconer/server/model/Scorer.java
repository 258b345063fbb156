package dev.falconer.server.model;

import dev.falconer.server.domain.VariantKey;
import dev.falconer.server.engine.CandidateGraph;
import dev.falconer.server.engine.WholeGraph;

/** An opened variant of what scores a model's candidates. */
sealed interface Scorer {
  /** Returns which variant it is. */
  VariantKey key();

  /** Returns its graph. */
  AutoCloseable graph();

  /** Of a split model: scores against a state. */
  record OfState(VariantKey key, CandidateGraph graph) implements Scorer {}

  /** Of a model served whole: scores beside a history. */
  record OfHistory(VariantKey key, WholeGraph graph) implements Scorer {}
}
