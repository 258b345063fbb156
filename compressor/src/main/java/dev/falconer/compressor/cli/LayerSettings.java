package dev.falconer.compressor.cli;

import dev.falconer.compressor.solver.Gptq;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.RankChoice;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How {@code falconer solve} runs a method.
 *
 * @param isPaper whether to take the published constants
 * @param isPolished whether to exchange single weights at the end
 * @param isThorough whether to take longer for a lower error
 * @param damping ridge relative to the mean of the gram's diagonal, if not the method's own
 * @param rank of the part beside the sparse one, if there is one
 * @param grid to round to, if any
 * @param order of the inputs of a recursion with rounding, if not the method's own
 */
record LayerSettings(
    boolean isPaper,
    boolean isPolished,
    boolean isThorough,
    OptionalDouble damping,
    Optional<RankChoice> rank,
    Optional<GridSettings> grid,
    Optional<Gptq.Order> order) {

  /**
   * A grid to round to.
   *
   * @param bits of a code
   * @param group inputs that share a scale, 0 for all
   * @param search for the range, if not the method's own
   */
  record GridSettings(int bits, int group, Optional<GridFit.Search> search) {
    GridFit fit(GridFit.Search own) {
      return GridFit.perOutput(bits).withGroup(group).withSearch(search.orElse(own));
    }
  }

  /** Refuses settings that a method would not look at. */
  void check(String name, boolean decomposes, boolean rounds) {
    boolean isPlain = name.equals("magnitude") || name.equals("wanda");
    refuse(isPolished && !name.equals("alps"), "--polish is of alps, not of " + name);
    refuse(
        isThorough && (isPaper || !name.equals("hassle-free-alps")),
        "--thorough is of hassle-free-alps without --paper");
    refuse(
        damping.isPresent() && (isPlain || name.equals("rtn") || name.equals("quantease")),
        name + " has no damping");
    refuse(rank.isPresent() && !decomposes, "--rank is of hassle-free-*, not of " + name);
    refuse(rank.isEmpty() && decomposes, name + " needs --rank, such as 16");
    refuse(grid.isPresent() && decomposes, "--bits is not of " + name);
    refuse(grid.isEmpty() && rounds, name + " needs --bits, such as 4");
    refuse(
        order.isPresent()
            && (grid.isEmpty() || isPlain || name.equals("rtn") || name.equals("quantease")),
        "--act-order is of gptq and of alps or sparsegpt with --bits, not of " + name);
  }

  private static void refuse(boolean isWrong, String message) {
    if (isWrong) {
      throw new IllegalArgumentException(message);
    }
  }
}
