package dev.falconer.compressor.cli;

import dev.falconer.compressor.solver.Alps;
import dev.falconer.compressor.solver.Alternation;
import dev.falconer.compressor.solver.Decomposer;
import dev.falconer.compressor.solver.Decomposition;
import dev.falconer.compressor.solver.Exchange;
import dev.falconer.compressor.solver.Gptq;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.JointSplitting;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.LayerSolution;
import dev.falconer.compressor.solver.Magnitude;
import dev.falconer.compressor.solver.Mask;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.PruningSolver;
import dev.falconer.compressor.solver.QuantEase;
import dev.falconer.compressor.solver.QuantSolution;
import dev.falconer.compressor.solver.QuantSolver;
import dev.falconer.compressor.solver.Rtn;
import dev.falconer.compressor.solver.SparseGpt;
import dev.falconer.compressor.solver.Wanda;
import java.util.Optional;

/** What {@code falconer solve} runs on a layer. A name becomes a method in {@link #of} alone. */
interface LayerMethod {
  /** The names of all methods. */
  String NAMES =
      "magnitude, wanda, sparsegpt, alps, hassle-free-sparsegpt, hassle-free-alps, rtn, gptq,"
          + " quantease, gptq+cd";

  /**
   * What a method found.
   *
   * @param weight V [out, in]
   * @param mask of the weights kept
   * @param iterations taken
   * @param parts of V, if it is sparse plus low rank
   */
  record Outcome(Matrix weight, Mask mask, int iterations, Optional<Decomposition> parts) {}

  /** Returns what the method finds. */
  Outcome run(LayerProblem problem);

  /** Returns whether the method needs a pattern. */
  default boolean needsPattern() {
    return true;
  }

  /**
   * Returns the method of a name.
   *
   * @throws IllegalArgumentException when there is none, or it does not know a setting
   */
  static LayerMethod of(String name, LayerSettings settings) {
    boolean rounds =
        switch (name) {
          case "rtn", "gptq", "quantease", "gptq+cd" -> true;
          default -> false;
        };
    settings.check(name, name.startsWith("hassle-free-"), rounds);
    return switch (name) {
      case "magnitude" -> pruning(new Magnitude(), new Rtn(), settings);
      case "wanda" -> pruning(new Wanda(), new Rtn(), settings);
      case "sparsegpt" ->
          settings.grid().isPresent()
              ? rounding(gptq(settings), settings, GridFit.Search.MINMAX, true)
              : pruning(sparseGpt(settings), new Rtn(), settings);
      case "alps" -> pruning(alps(settings), descent(settings), settings);
      case "hassle-free-sparsegpt" -> {
        Alternation published = Alternation.aroundSparseGpt();
        double damping = settings.damping().orElse(published.damping());
        yield decomposing(
            new Alternation(sparseGpt(settings), published.rounds(), damping), settings);
      }
      case "hassle-free-alps" -> decomposing(splitting(settings), settings);
      case "rtn" -> rounding(new Rtn(), settings, GridFit.Search.MINMAX, false);
      case "gptq" -> rounding(gptq(settings), settings, GridFit.Search.MINMAX, false);
      case "quantease" -> rounding(QuantEase.published(), settings, GridFit.Search.MINMAX, false);
      case "gptq+cd" -> rounding(descent(settings), settings, search(settings), false);
      default ->
          throw new IllegalArgumentException(
              "no solver \"" + name + "\"; the solvers are " + NAMES);
    };
  }

  private static SparseGpt sparseGpt(LayerSettings settings) {
    SparseGpt standard = SparseGpt.standard();
    return new SparseGpt(settings.damping().orElse(standard.damping()), standard.block());
  }

  private static Alps alps(LayerSettings settings) {
    Alps alps = settings.isPaper() ? Alps.published() : Alps.standard();
    if (settings.damping().isPresent()) {
      alps = alps.withDamping(settings.damping().getAsDouble());
    }
    return settings.isPolished() ? alps.withPolish(Exchange.standard()) : alps;
  }

  private static Decomposer splitting(LayerSettings settings) {
    if (settings.isPaper()) {
      Alternation published = Alternation.aroundAlps();
      return new Alternation(
          alps(settings), published.rounds(), settings.damping().orElse(published.damping()));
    }
    JointSplitting solver =
        settings.isThorough() ? JointSplitting.thorough() : JointSplitting.fast();
    return settings.damping().isPresent()
        ? solver.withDamping(settings.damping().getAsDouble())
        : solver;
  }

  private static Gptq gptq(LayerSettings settings) {
    return with(Gptq.published(), settings, Gptq.Order.NATURAL);
  }

  /** Returns GPTQ with coordinate descent: inputs in descending order but for the paper. */
  private static Gptq descent(LayerSettings settings) {
    return settings.isPaper()
        ? with(Gptq.publishedWithDescent(), settings, Gptq.Order.NATURAL)
        : with(Gptq.withDescent(), settings, Gptq.Order.DESCENDING);
  }

  private static Gptq with(Gptq solver, LayerSettings settings, Gptq.Order own) {
    return solver
        .withDamping(settings.damping().orElse(solver.damping()))
        .withOrder(settings.order().orElse(own));
  }

  private static GridFit.Search search(LayerSettings settings) {
    return settings.isPaper() ? GridFit.Search.MINMAX : GridFit.Search.MSE;
  }

  /** Returns a method that prunes, then rounds what stays if there is a grid. */
  private static LayerMethod pruning(
      PruningSolver solver, QuantSolver rounding, LayerSettings settings) {
    return problem -> {
      LayerSolution solution = solver.solve(problem);
      if (settings.grid().isPresent()) {
        GridFit fit = settings.grid().get().fit(search(settings));
        return outcome(rounding.solve(problem, fit, Optional.of(solution)));
      }
      return new Outcome(
          solution.weight(), solution.mask(), solution.iterations(), Optional.empty());
    };
  }

  private static LayerMethod rounding(
      QuantSolver solver, LayerSettings settings, GridFit.Search own, boolean needsPattern) {
    GridFit fit = settings.grid().orElseThrow().fit(own);
    return new LayerMethod() {
      @Override
      public Outcome run(LayerProblem problem) {
        return outcome(solver.solve(problem, fit));
      }

      @Override
      public boolean needsPattern() {
        return needsPattern;
      }
    };
  }

  private static Outcome outcome(QuantSolution solution) {
    return new Outcome(solution.weight(), solution.mask(), solution.iterations(), Optional.empty());
  }

  private static LayerMethod decomposing(Decomposer solver, LayerSettings settings) {
    return problem -> {
      Matrix weight = problem.weight();
      int rank =
          settings.rank().orElseThrow().of(problem.pattern(), weight.rows(), weight.columns());
      Decomposition parts = solver.solve(problem, rank);
      return new Outcome(parts.merged(), parts.mask(), parts.iterations(), Optional.of(parts));
    };
  }
}
