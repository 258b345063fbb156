package dev.falconer.kernel;

/** Normalises rows of whole vectors of one width; generated code. */
interface NormKernel {
  /**
   * Returns the rows done: it ends before one whose variance is too small or large for float32, or
   * no number.
   *
   * @param xBytes from a row to the next
   * @param rows at least 1
   * @param vectors of a row, at least 1
   * @param keep address of 1 for every float that counts, 0 else; padded rows alone
   * @param scale address of a row
   * @param shift likewise
   * @param part 1 / floats that count
   * @param y may be x
   */
  int run(
      long x,
      long xBytes,
      int rows,
      int vectors,
      long keep,
      long scale,
      long shift,
      float part,
      float epsilon,
      long y,
      long yBytes);

  /**
   * Returns the kernel.
   *
   * @param isPadded whether the last vector of a row has zeros that don't count
   */
  static NormKernel of(int bits, boolean isPadded) {
    return GeneratedClass.of(
        NormKernel.class,
        (isPadded ? "PaddedNormOf" : "NormOf") + bits,
        code -> new NormCode(code, bits, isPadded).write());
  }
}
