package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.solver.Matrix;
import java.util.HashMap;
import java.util.Map;

/**
 * What a layer gets from the compressed network, Xp [n, in], and from the dense one, Xd [n, in], on
 * the same examples. Sums in fp64, undamped.
 *
 * @param gram Xp'Xp [in, in]
 * @param cross Xp'Xd [in, in]
 * @param dense Xd'Xd [in, in]
 * @param rows n
 * @param values counts of Xp's elements by the name of the value that holds them
 */
public record PairedStatistics(
    Matrix gram, Matrix cross, Matrix dense, long rows, Map<String, Histogram> values) {
  /** Copies the map. */
  public PairedStatistics {
    values = Map.copyOf(values);
  }

  /** Returns the statistics of both sets of rows together. */
  public PairedStatistics merge(PairedStatistics other) {
    var all = new HashMap<>(values);
    other.values.forEach((name, counts) -> all.merge(name, counts, Histogram::plus));
    return new PairedStatistics(
        gram.plus(other.gram),
        cross.plus(other.cross),
        dense.plus(other.dense),
        rows + other.rows,
        all);
  }
}
