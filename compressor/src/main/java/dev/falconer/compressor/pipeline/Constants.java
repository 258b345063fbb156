package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.solver.Alps;
import dev.falconer.compressor.solver.Alternation;
import dev.falconer.compressor.solver.Decomposer;
import dev.falconer.compressor.solver.Gptq;
import dev.falconer.compressor.solver.PruningSolver;
import dev.falconer.compressor.solver.QuantSolver;

/** Which constants solvers run with. */
public enum Constants {
  /** Those found to give lower errors. */
  OWN,
  /** Those of the papers and their code; layers are fitted one by one, to symmetric targets. */
  PUBLISHED;

  PruningSolver pruner(String name) {
    return this == PUBLISHED && name.equals("alps") ? Alps.published() : PruningSolver.parse(name);
  }

  Decomposer decomposer(String name) {
    return this == PUBLISHED && name.equals("hassle-free-alps")
        ? Alternation.aroundAlps()
        : Decomposer.parse(name);
  }

  QuantSolver quantiser(String name) {
    return this == PUBLISHED && name.equals("gptq+cd")
        ? Gptq.publishedWithDescent()
        : QuantSolver.parse(name);
  }

  /** Returns the grid where the plan names none. */
  String grid() {
    return this == PUBLISHED ? "minmax" : "mse";
  }
}
