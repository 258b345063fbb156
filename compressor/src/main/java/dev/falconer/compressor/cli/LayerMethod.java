package dev.falconer.compressor.cli;

import dev.falconer.compressor.solver.Alps;
import dev.falconer.compressor.solver.Exchange;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.LayerSolution;
import dev.falconer.compressor.solver.Magnitude;
import dev.falconer.compressor.solver.Mask;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.PruningSolver;
import dev.falconer.compressor.solver.SparseGpt;
import dev.falconer.compressor.solver.Wanda;
import java.util.Optional;
import java.util.OptionalDouble;

/** What {@code falconer solve} runs on a layer. A name becomes a method in {@link #of} alone. */
interface LayerMethod {
  /**
   * What a method found.
   *
   * @param weight V [out, in]
   * @param mask of the weights kept, if the method prunes
   * @param iterations taken
   */
  record Outcome(Matrix weight, Optional<Mask> mask, int iterations) {}

  /** Returns what the method finds. */
  Outcome run(LayerProblem problem);

  /** Returns whether the method needs a pattern. */
  default boolean needsPattern() {
    return true;
  }

  /**
   * How to run a method.
   *
   * @param isPaper whether to take the published constants
   * @param isPolished whether to exchange single weights at the end
   * @param damping ridge relative to the mean of the gram's diagonal, if not the method's own
   */
  record Settings(boolean isPaper, boolean isPolished, OptionalDouble damping) {}

  /**
   * Returns the method of a name.
   *
   * @throws IllegalArgumentException when there is none, or it does not know a setting
   */
  static LayerMethod of(String name, Settings settings) {
    if (settings.isPolished() && !name.equals("alps")) {
      throw new IllegalArgumentException("--polish is of alps, not of " + name);
    }
    if (settings.damping().isPresent() && (name.equals("magnitude") || name.equals("wanda"))) {
      throw new IllegalArgumentException(name + " has no damping");
    }
    return switch (name) {
      case "magnitude" -> pruning(new Magnitude());
      case "wanda" -> pruning(new Wanda());
      case "sparsegpt" -> {
        SparseGpt standard = SparseGpt.standard();
        yield pruning(
            new SparseGpt(settings.damping().orElse(standard.damping()), standard.block()));
      }
      case "alps" -> {
        Alps alps = settings.isPaper() ? Alps.published() : Alps.standard();
        if (settings.damping().isPresent()) {
          alps = alps.withDamping(settings.damping().getAsDouble());
        }
        yield pruning(settings.isPolished() ? alps.withPolish(Exchange.standard()) : alps);
      }
      default ->
          throw new IllegalArgumentException(
              "no solver \"" + name + "\"; the solvers are magnitude, wanda, sparsegpt, alps");
    };
  }

  private static LayerMethod pruning(PruningSolver solver) {
    return problem -> {
      LayerSolution solution = solver.solve(problem);
      return new Outcome(solution.weight(), Optional.of(solution.mask()), solution.iterations());
    };
  }
}
