package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;

/**
 * Operator CandidateBlock: a transformer layer of candidates, every row by itself.
 *
 * <pre>
 * pre    u = x + attend(norm1(x)) Wo' + bo;            y = u + act(norm2(u) W1' + b1) W2' + b2
 * post   u = norm1(x + attend(x) Wo' + bo);            y = norm2(u + act(u W1' + b1) W2' + b2)
 * attend(z) = {@link Attention} of queries z Wq' + bq
 *
 * inputs       0 x float32 [.., d]
 *              1 keys, 2 values float32 [.., heads, tokens, width], all axes before heads 1;
 *                with tokens_first [.., tokens, heads, width] or [.., tokens, heads width]
 *              3 mask float32 [.., tokens], optional: added to the scores
 *              4 scale, 5 shift of norm1 float32 [d]; the shift is optional
 *              6 Wq packed [heads width, d]; or [3 heads width, d]: queries, own keys, own values
 *              7 bq float32, optional
 *              8 Wo packed [d, heads width], 9 bo float32 [d], optional
 *             10 scale, 11 shift of norm2, as 4 and 5
 *             12 W1 packed [f, d], 13 b1 float32 [f], optional
 *             14 W2 packed [d, f], 15 b2 float32 [d], optional
 *             without 10 to 15 y is u
 * attributes   heads; scale: of the scores; tokens_first: 0 or 1; attention: "float32" or "int8";
 *              norm: "pre" or "post"; epsilon1, epsilon2: of the norms; activation: a name of
 *              {@link Activation}
 * output       y float32, x's shape
 * </pre>
 *
 * <p>Packed weights are uint8 constants, see {@link PackedHeader}.
 */
public final class CandidateBlock {
  private CandidateBlock() {}
}
