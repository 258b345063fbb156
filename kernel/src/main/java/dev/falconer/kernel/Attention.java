package dev.falconer.kernel;

import dev.falconer.packed.RoundedTokens;

/**
 * Attention of candidates' rows to one user's keys and values. Of every row and head, with tokens
 * t:
 *
 * <pre>
 * score_t = scale (q . k_t) + mask_t;   y = sum_t e^score_t v_t / sum_t e^score_t
 * </pre>
 *
 * <p>A candidate may have a key and value of its own, which are one token more, of that row alone
 * and without mask. A token whose mask is -infinity counts for nothing. Where every token is such y
 * is NaN, where there is no token at all y is 0. A row's result depends on that row and the tokens
 * alone.
 *
 * <p><b>float32</b>: within 1e-5 of the largest magnitude among the values, for scores below 100.
 *
 * <p><b>int8</b>: rounding is by a scale of each query's row and head, and of each token and head,
 * so that no state depends on another and a token's rounding not on the history's length. Scores
 * are in units of ln 2. All in float32, one rounding an operation, fma and rint(a b) being one; but
 * for the sums marked, and for a and z, whose products may be fused.
 *
 * <pre>
 * levels(x, n): most = max(2^-100, max |x_i|);  l_i = rint(x_i (n / most));  s = most / n,
 *               NaN where x has NaN or infinity
 * (ql, qs) = levels(q, 127);  (kl_t, ks_t) = levels(k_t, 63);  (vl_t, vs_t) = levels(v_t, 63)
 * by = scale LOG2_E;  top = max_t vs_t;  part_t = max(2^-20, vs_t (1 / top))
 * add_t = mask_t LOG2_E, at least -2^100 unless mask_t is -infinity, or 0
 * gained_t = part_t, u_t = 255;  or 1 and part_t 255 where add_t < -1024, among which lg is lost
 * add_t = add_t + lg(gained_t)
 *
 * m = -2^100, a = 0, z = 0; then for each block of 256 tokens:
 *   score_t = fma(float(ql . kl_t), (qs by) ks_t, add_t)
 *   M = max(m, max_t score_t);  g = 2^(m - M), to 1e-6;  e_t = E(score_t - M)
 *   p_t = rint(e_t u_t):  a share times its value's scale, the largest of which is 255
 *   a = a g + float(sum_t p_t vl_t) (top / 255);   z = z g + sum_t e_t / gained_t (any order);   m = M
 * own:
 *   score = (q . k) by (any order);  M and g as above;  e = 2^(score - M), to 1e-6
 *   a = a g + e v;   z = z g + e
 * y = a / z, NaN where z < 1/2: then nothing was left
 *
 * lg(2^n (1 + f)) = fma(f, slope(f), n), log2 to 2e-5, for 0 <= f < 1
 * slope(f) = 1.4419656 + f (-.7096624 + f (.4175944 + f (-.196268 + f .046384692))), each by fma
 * E(x) = 2^n p(f):  t = max(x, -126);  n = rint(t);  f = t - n
 * p(f) = fma(f, fma(f, C2, C1), 1)
 * </pre>
 *
 * <p>NaN among the scores gives NaN in that row and head.
 */
public sealed interface Attention permits NativeAttention, ScalarAttention, VectorAttention {
  /** Tokens of a block in int8. */
  int BLOCK = 256;

  /** 1 / ln 2. */
  float LOG2_E = 1.442695f;

  /**
   * Of p(f), |p(f) / 2^f - 1| below 2e-3 for |f| at most 1/2. One degree more would cost a tenth of
   * the exponentials' time; rounding shares to 255ths costs as much as this.
   */
  float C1 = 0.7029418f;

  /** Of p(f). */
  float C2 = 0.23986404f;

  /** Returns whether it computes a shape. */
  default boolean has(AttentionShape shape) {
    return true;
  }

  /**
   * The keys or the values of one user: a head's token lies at address + 4 (head headStride + token
   * tokenStride), its floats side by side, or rounded.
   *
   * @param address of the first
   * @param headStride from a head to the next, in 4 bytes
   * @param tokenStride from a token to the next, in 4 bytes
   * @param areRounded whether they are what {@link #round} writes
   */
  record Tokens(long address, long headStride, long tokenStride, boolean areRounded) {
    /** Tokens of floats. */
    Tokens(long address, long headStride, long tokenStride) {
      this(address, headStride, tokenStride, false);
    }
  }

  /**
   * Rounds keys or values as int8 does, whose results are to the bit the same of either.
   *
   * @param width floats of each
   * @param from address of floats [count, width]
   * @param to room for so many {@link RoundedTokens}
   */
  void round(int width, long from, long count, long to);

  /** Returns the bytes that laid out keys and values take. */
  long bytes(AttentionShape shape, int tokens);

  /**
   * Lays keys and values out for {@link #run}, once for any number of rows. Floats may be read
   * where they lie: they stay as they are until the last run.
   *
   * @param keys floats; in int8 they and the values may be rounded
   * @param tokens 0 or more
   * @param mask address of [tokens] floats; 0 for none
   * @param state room for {@link #bytes}, aligned to 64
   */
  void prepare(AttentionShape shape, Tokens keys, Tokens values, int tokens, long mask, long state);

  /**
   * Writes what rows attend to.
   *
   * @param state from {@link #prepare} with the same shape and tokens
   * @param query address of the first row's queries [heads, width]
   * @param queryStride floats from a row to the next
   * @param ownKeys address of the first row's own keys [heads, width]; 0 for none
   * @param ownValues likewise its values; none or both
   * @param ownStride floats from a row's own keys to the next row's, and of its values
   * @param y address of the first row's results [heads, width]; overlaps nothing
   * @param yStride floats from a row to the next
   */
  void run(
      AttentionShape shape,
      long state,
      int tokens,
      long query,
      long queryStride,
      int rows,
      long ownKeys,
      long ownValues,
      long ownStride,
      long y,
      long yStride);
}
