package dev.falconer.compressor.solver;

/** Makes a layer sparse. A new solver is a record here, a word in permits and a line in parse. */
public sealed interface PruningSolver permits Magnitude, Wanda, SparseGpt, Alps {
  /** Returns a weight of exactly the problem's pattern. */
  LayerSolution solve(LayerProblem problem);

  /**
   * Returns the solver of a name, with its defaults: magnitude, wanda, sparsegpt, alps,
   * alps+exchange.
   */
  static PruningSolver parse(String name) {
    return switch (name) {
      case "magnitude" -> new Magnitude();
      case "wanda" -> new Wanda();
      case "sparsegpt" -> SparseGpt.standard();
      case "alps" -> Alps.standard();
      case "alps+exchange" -> Alps.standard().withPolish(Exchange.standard());
      default ->
          throw new IllegalArgumentException(
              "no solver \""
                  + name
                  + "\"; the solvers are magnitude, wanda, sparsegpt, alps, alps+exchange");
    };
  }
}
