package dev.falconer.compressor.solver;

import java.util.Optional;

/** Rounds every weight to the nearest value. No weight makes up for another. */
public record Rtn() implements QuantSolver {
  @Override
  public QuantSolution solve(LayerProblem problem, GridFit fit, Optional<LayerSolution> sparse) {
    LayerSolution kept = sparse.orElseGet(() -> new Magnitude().solve(problem));
    Grid grid = fit.grid(kept.weight());
    return QuantSolution.of(problem, grid.rounded(kept.weight()), kept.mask(), grid, 1);
  }
}
