package dev.falconer.compressor.solver;

/** Splits a layer's weight into a sparse part and one of few ranks. */
public sealed interface Decomposer permits Alternation, JointSplitting {
  /**
   * Returns S of exactly the problem's pattern and BA of the rank.
   *
   * @throws IllegalArgumentException when the rank is below 0 or above the weight's
   */
  Decomposition solve(LayerProblem problem, int rank);

  /** Returns the solver of a name, with its defaults: hassle-free-sparsegpt, hassle-free-alps. */
  static Decomposer parse(String name) {
    return switch (name) {
      case "hassle-free-sparsegpt" -> Alternation.aroundSparseGpt();
      case "hassle-free-alps" -> JointSplitting.fast();
      default ->
          throw new IllegalArgumentException(
              "no solver \""
                  + name
                  + "\" for sparse plus low rank; they are hassle-free-sparsegpt, hassle-free-alps");
    };
  }
}
