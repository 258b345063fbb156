package dev.falconer.packed;

import java.util.Arrays;

/**
 * How a weight in int8 rounds the rows it is multiplied with: an input x becomes level rint(z
 * levels / most) of z = (x - centre) factor, most being the largest magnitude among the row's z.
 * What centres take away a product's bias gives back: bias + W centre; what factors scale the
 * weights do: W / factor. Centres and factors of an input's mean and spread let few levels tell its
 * values apart (SmoothQuant, arXiv 2211.10438, eq. 3, and a mean).
 *
 * @param levels 1 to 127; 63 together with weights to 63 lets processors without VNNI add pairs in
 *     16 bits
 * @param centres [in], finite
 * @param factors [in], finite, 0 where no weight reads an input
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Rounding(int levels, float[] centres, float[] factors) {
  /** Checks the lengths and that all is finite. */
  public Rounding {
    if (centres.length != factors.length) {
      throw new IllegalArgumentException(
          "%d centres, %d factors".formatted(centres.length, factors.length));
    }
    for (int i = 0; i < factors.length; i++) {
      if (!Float.isFinite(centres[i]) || !Float.isFinite(factors[i])) {
        throw new IllegalArgumentException(
            "input %d: centre %s, factor %s".formatted(i, centres[i], factors[i]));
      }
    }
  }

  /** Returns the rounding of rows as they are. */
  public static Rounding plain(int levels, int in) {
    var ones = new float[in];
    Arrays.fill(ones, 1);
    return new Rounding(levels, new float[in], ones);
  }
}
