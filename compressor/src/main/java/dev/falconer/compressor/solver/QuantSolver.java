package dev.falconer.compressor.solver;

import java.util.Optional;

/**
 * Rounds a layer's weights to a grid. Where the problem's pattern has zeros the weights that stay
 * are rounded: the pattern "0%" is a dense layer. A new solver is a record, a word in permits and a
 * line in parse.
 */
public sealed interface QuantSolver permits Rtn, Gptq, QuantEase {
  /**
   * Returns a weight on a grid.
   *
   * @param fit of the grid
   * @param sparse a solution of the problem whose mask is kept and through whose weights the grid
   *     is laid; if empty, the solver chooses what stays
   * @throws IllegalArgumentException when the fit's group does not divide the inputs
   */
  QuantSolution solve(LayerProblem problem, GridFit fit, Optional<LayerSolution> sparse);

  /** Returns a weight on a grid; the solver chooses what stays. */
  default QuantSolution solve(LayerProblem problem, GridFit fit) {
    return solve(problem, fit, Optional.empty());
  }

  /** Returns the solver of a name, with its defaults: rtn, gptq, quantease, gptq+cd. */
  static QuantSolver parse(String name) {
    return switch (name) {
      case "rtn" -> new Rtn();
      case "gptq" -> Gptq.published();
      case "quantease" -> QuantEase.published();
      case "gptq+cd" -> Gptq.withDescent();
      default ->
          throw new IllegalArgumentException(
              "no solver \"" + name + "\" for grids; they are rtn, gptq, quantease, gptq+cd");
    };
  }
}
