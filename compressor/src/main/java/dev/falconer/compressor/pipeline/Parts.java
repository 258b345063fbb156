package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import java.util.List;

/** How a compressed weight is written into the graph. */
public sealed interface Parts {
  /** In place of the dense weight. */
  record Merged() implements Parts {}

  /**
   * Without the inputs of some groups, which are cut from the graph with what produces them.
   *
   * @param kept groups that stay, ascending
   */
  record Removed(List<Integer> kept) implements Parts {
    /** Copies the list. */
    public Removed {
      kept = List.copyOf(kept);
    }
  }

  /**
   * As S x + B (A x).
   *
   * @param sparse S [out, in]
   * @param lowRank BA
   */
  record LowRankBeside(Matrix sparse, LowRank lowRank) implements Parts {}

  /**
   * As codes, unpacked by the runtime.
   *
   * @param grid that the weight lies on
   */
  record OnGrid(Grid grid) implements Parts {}

  /**
   * As integers, multiplied as such.
   *
   * @param integers of the weight and of what it multiplies
   */
  record Integers(Int8.Integers integers) implements Parts {}
}
