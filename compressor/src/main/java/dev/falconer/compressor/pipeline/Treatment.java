package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.calibrate.Histogram;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.quantize.ActivationRange;
import dev.falconer.compressor.quantize.Int8;
import dev.falconer.compressor.solver.Decomposer;
import dev.falconer.compressor.solver.Decomposition;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.LayerSolution;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.Osscar;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.PruningSolver;
import dev.falconer.compressor.solver.QuantSolution;
import dev.falconer.compressor.solver.QuantSolver;
import dev.falconer.compressor.solver.RankChoice;
import dev.falconer.compressor.structure.Removal;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What a layer gets. */
public sealed interface Treatment {
  /** What a treatment does to a layer, in the order in which a report takes the kinds as steps. */
  enum Kind {
    /** Inputs that are gone, with what produced them. */
    REMOVED("removed"),
    /** Weights that are 0. */
    ZEROS("zeros"),
    /** A matrix of few ranks beside what stays. */
    LOW_RANK("low rank"),
    /** Weights of few bits, with or without zeros, that the runtime unpacks. */
    FEW_BITS("few bits"),
    /** Integers that are multiplied as such. */
    INTEGERS("integers");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Returns the kind in words. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** The pattern of weights without zeros. */
  Pattern NO_ZEROS = new Pattern.Unstructured(0, Pattern.Scope.LAYER);

  /** Returns what it does. */
  Kind kind();

  /** Returns the pattern of the layer's zeros; one without zeros where it is only rounded. */
  Pattern pattern();

  /** Returns the type in which kernels multiply by what it leaves; nothing where they can't. */
  Optional<Precision> kernel();

  /**
   * Returns the layer's new weight.
   *
   * @param inputs counts of the values that each of the layer's taps reads
   */
  Outcome apply(LayerProblem problem, List<Histogram> inputs);

  /**
   * Returns parts that take the bytes and the time of those that {@link #apply} gives, without
   * solving for their numbers.
   *
   * @param weight W [out, in]
   * @param taps number of the layer's taps
   */
  Parts standIn(Matrix weight, int taps);

  /**
   * Zeros.
   *
   * @param solver that chooses and adjusts the weights that stay
   * @param name of the solver
   */
  record Prune(Pattern pattern, PruningSolver solver, String name) implements Treatment {
    @Override
    public Kind kind() {
      return Kind.ZEROS;
    }

    @Override
    public Optional<Precision> kernel() {
      return Optional.of(Precision.FLOAT32);
    }

    @Override
    public Outcome apply(LayerProblem problem, List<Histogram> inputs) {
      LayerSolution found = solver.solve(problem);
      return new Outcome(
          found.weight(), found.mask().density(), found.relativeError(), new Parts.Merged());
    }

    @Override
    public Parts standIn(Matrix weight, int taps) {
      return new Parts.Merged();
    }

    @Override
    public String toString() {
      return pattern + " by " + name;
    }
  }

  /**
   * Fewer inputs: groups of them are cut from the graph with what produces them.
   *
   * @param keep groups that stay
   */
  record Remove(Removal removal, int keep) implements Treatment {
    @Override
    public Kind kind() {
      return Kind.REMOVED;
    }

    @Override
    public Pattern pattern() {
      return NO_ZEROS;
    }

    @Override
    public Optional<Precision> kernel() {
      return Optional.empty();
    }

    int removed() {
      return removal.groups().count() - keep;
    }

    /** The problem's inputs are those of one group after the other. */
    @Override
    public Outcome apply(LayerProblem problem, List<Histogram> inputs) {
      Osscar solver = removal.noun().equals("heads") ? Osscar.forHeads() : Osscar.forNeurons();
      Osscar.Kept found = solver.solve(problem, removal.inputsOfGroup(), keep);
      return new Outcome(
          found.weight(),
          (double) keep / removal.groups().count(),
          found.relativeError(),
          new Parts.Removed(found.kept()));
    }

    @Override
    public Parts standIn(Matrix weight, int taps) {
      return new Parts.Removed(IntStream.range(0, keep).boxed().toList());
    }

    @Override
    public String toString() {
      return removal.text(removed()) + " removed by osscar";
    }
  }

  /**
   * Zeros, and a matrix of few ranks beside them.
   *
   * @param rank of that matrix
   */
  record Decompose(Pattern pattern, Decomposer solver, RankChoice rank, String name)
      implements Treatment {
    @Override
    public Kind kind() {
      return Kind.LOW_RANK;
    }

    @Override
    public Optional<Precision> kernel() {
      return Optional.empty();
    }

    @Override
    public Outcome apply(LayerProblem problem, List<Histogram> inputs) {
      Matrix weight = problem.weight();
      Decomposition found =
          solver.solve(problem, rank.of(pattern, weight.rows(), weight.columns()));
      return new Outcome(
          found.merged(),
          found.mask().density(),
          found.relativeError(),
          new Parts.LowRankBeside(found.sparse(), found.lowRank()));
    }

    @Override
    public Parts standIn(Matrix weight, int taps) {
      int own = rank.of(pattern, weight.rows(), weight.columns());
      var left = Matrix.of(weight.rows(), own, new double[weight.rows() * own]);
      var right = Matrix.of(own, weight.columns(), new double[own * weight.columns()]);
      return new Parts.LowRankBeside(weight, new LowRank(left, right));
    }

    @Override
    public String toString() {
      return switch (rank) {
        case RankChoice.Fixed fixed -> pattern + " + " + fixed + " by " + name;
        case RankChoice.Budget budget ->
            pattern + " + the rank that saves " + budget + ", by " + name;
      };
    }
  }

  /**
   * Weights of few bits.
   *
   * @param fit of the values that they can have
   * @param sparse how zeros are made first; none for a dense layer
   * @param activations the range of what the layer reads, for integer arithmetic; none where it
   *     computes in floats
   */
  record Quantise(
      GridFit fit,
      QuantSolver solver,
      Optional<Prune> sparse,
      Optional<ActivationRange> activations,
      String name)
      implements Treatment {
    @Override
    public Kind kind() {
      return activations.isPresent() ? Kind.INTEGERS : Kind.FEW_BITS;
    }

    @Override
    public Pattern pattern() {
      return sparse.map(Prune::pattern).orElse(NO_ZEROS);
    }

    @Override
    public Optional<Precision> kernel() {
      return activations.map(_ -> Precision.INT8);
    }

    @Override
    public Outcome apply(LayerProblem problem, List<Histogram> inputs) {
      Optional<LayerSolution> zeros = sparse.map(prune -> prune.solver().solve(problem));
      QuantSolution found = solver.solve(problem, fit, zeros);
      return new Outcome(
          found.weight(),
          found.mask().density(),
          found.relativeError(),
          parts(found.grid(), inputs));
    }

    @Override
    public Parts standIn(Matrix weight, int taps) {
      return parts(
          fit.withSearch(GridFit.Search.MINMAX).grid(weight),
          Collections.nCopies(taps, Histogram.of(-1, 1)));
    }

    private Parts parts(Grid grid, List<Histogram> inputs) {
      return activations
          .<Parts>map(range ->
              new Parts.Integers(
                  new Int8.Integers(grid, inputs.stream().map(range::grid).toList())))
          .orElseGet(() -> new Parts.OnGrid(grid));
    }

    @Override
    public String toString() {
      return sparse.map(prune -> prune + ", ").orElse("")
          + fit.bits()
          + " bits"
          + (fit.group() == 0 ? "" : "/" + fit.group())
          + " by "
          + name
          + (activations.isPresent() ? ", int8 activations" : "");
    }
  }
}
