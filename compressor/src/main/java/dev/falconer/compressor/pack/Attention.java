package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import java.util.Optional;

/**
 * Queries of rows and keys that all rows share: scores = scale (query . key) + mask.
 *
 * @param keys of which the factor is not in the scale
 * @param tokens number of shared keys
 * @param own the row's own key, one token more
 */
record Attention(
    Term query,
    Form.Heads heads,
    Keys keys,
    double scale,
    Poly tokens,
    Optional<Mask> mask,
    Optional<Own> own) {
  /**
   * A row's own key.
   *
   * @param scale of the product of query and this key
   * @param isFirst whether its score stands before the others'
   */
  record Own(Term key, double scale, boolean isFirst) {}

  Attention scaled(double factor) {
    return new Attention(query, heads, keys, scale * factor, tokens, mask, own);
  }

  Attention masked(Mask by) {
    return new Attention(query, heads, keys, scale, tokens, Optional.of(by), own);
  }

  Attention with(Own other) {
    return new Attention(query, heads, keys, scale, tokens, mask, Optional.of(other));
  }

  /** Returns the scores beside each other, the row's own among them. */
  Poly all() {
    return own.isPresent() ? tokens.plus(1) : tokens;
  }
}
