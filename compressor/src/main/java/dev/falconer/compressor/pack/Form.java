package dev.falconer.compressor.pack;

import java.util.Optional;

/** What a term is: how it is computed of others. */
sealed interface Form {
  /** A tensor that nothing is known of. */
  record Leaf() implements Form {}

  /** A polynomial of another term's elements. */
  record Of(Placed of) implements Form {}

  /**
   * W in.
   *
   * @param read tensor multiplied, of which the last axis holds the term's features
   */
  record Linear(Term in, Rows read, Weight weight) implements Form {}

  /** A tensor and its axes. */
  record Rows(String value, Arrangement at) {}

  /**
   * A constant vector, times a factor, more.
   *
   * @param vector as many elements as features, whatever its shape
   */
  record Shifted(Term of, String vector, double factor) implements Form {}

  /** Consecutive features. */
  record Part(Term of, int from, int count) implements Form {}

  /** An operator of one operand's elements. */
  record Unary(String operator, Placed of) implements Form {}

  /** An operator of two operands' elements. */
  record Binary(String operator, Placed left, Placed right) implements Form {}

  /** The mean of the features. */
  record Mean(Placed of) implements Form {}

  /** An activation by its name among the operators'. */
  record Active(String activation, Term of) implements Form {}

  /**
   * Normalised over the features.
   *
   * @param scale constant, empty for none
   * @param shift constant, empty for none
   */
  record Normed(Term of, String scale, String shift, float epsilon) implements Form {}

  /** A row's own key times its query, by heads. */
  record OwnScores(Term query, Term key, double scale, Heads heads) implements Form {}

  /** Scores of heads and tokens before their softmax. */
  record Scores(Attention attention) implements Form {}

  /**
   * Their softmax, or a part of it.
   *
   * @param isGuarded whether 0 stands for NaN
   */
  record Shares(Attention attention, Tokens tokens, boolean isGuarded) implements Form {
    /** Which tokens' shares. */
    enum Tokens {
      /** All. */
      ALL,
      /** All but the row's own. */
      SHARED,
      /** The row's own. */
      OWN
    }
  }

  /**
   * Values weighed by shares.
   *
   * @param shared values of the tokens that all rows share
   * @param own the row's own value
   */
  record Weighed(Attention attention, Optional<Keys> shared, Optional<Term> own, boolean isGuarded)
      implements Form {
    /** Returns whether nothing is missing. */
    boolean isWhole() {
      return shared.isPresent() && own.isPresent() == attention.own().isPresent();
    }
  }

  /** Heads of a vector: head by head, so many features each. */
  record Heads(int count, int width) {
    int all() {
      return count * width;
    }
  }
}
