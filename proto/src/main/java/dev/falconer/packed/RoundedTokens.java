package dev.falconer.packed;

/**
 * Keys or values of a user in int8, as operator RoundTokens writes them and operators with
 * attention in int8 read them: a tensor of bytes whose last axis holds, instead of a head's floats
 * [width],
 *
 * <pre>
 * offset  bytes            what
 *      0  width            int8, levels -63 to 63
 *  width  to 4             zeros
 *         4                float32, little-endian: the scale; NaN where a float was NaN or infinite
 *
 * level_i = rint(x_i (63 / most)), x_i ~ level_i scale, scale = most / 63;
 * most = max(2^-100, max |x_i|)
 * </pre>
 *
 * <p>Every token and head has a scale of its own, so that a token is rounded alike whatever comes
 * before or after it.
 */
public final class RoundedTokens {
  private static final int ALIGNED = 4;

  private RoundedTokens() {}

  /**
   * Returns the bytes of a token's head.
   *
   * @param width floats of it, at least 1
   */
  public static int bytes(int width) {
    return Math.ceilDiv(width, ALIGNED) * ALIGNED + Float.BYTES;
  }
}
