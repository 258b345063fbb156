package dev.falconer.compressor.pack;

/**
 * What a tensor holds.
 *
 * @param polynomial of the term's elements, each by itself
 * @param at how they lie
 */
record Placed(Term term, Polynomial polynomial, Arrangement at) {
  static Placed of(Term term) {
    return new Placed(term, Polynomial.X, term.at());
  }

  boolean isTerm() {
    return polynomial.isIdentity();
  }

  Placed at(Arrangement other) {
    return new Placed(term, polynomial, other);
  }

  Placed with(Polynomial other) {
    return new Placed(term, other, at);
  }
}
