package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.solver.Matrix;

/**
 * What a layer gets from the compressed network, Xp [n, in], and from the dense one, Xd [n, in], on
 * the same examples. Sums in fp64, undamped.
 *
 * @param gram Xp'Xp [in, in]
 * @param cross Xp'Xd [in, in]
 * @param dense Xd'Xd [in, in]
 * @param rows n
 */
public record PairedStatistics(Matrix gram, Matrix cross, Matrix dense, long rows) {
  /** Returns the statistics of both sets of rows together. */
  public PairedStatistics merge(PairedStatistics other) {
    return new PairedStatistics(
        gram.plus(other.gram), cross.plus(other.cross), dense.plus(other.dense), rows + other.rows);
  }
}
