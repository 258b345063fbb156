package dev.falconer.compressor.solver;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * {@link Gptq}'s recursion: that of {@link ColumnSweep} over inputs in some order, whose weights
 * settle on a grid. Frames scale weights; grids do not. Its tensors belong to the open scope.
 */
final class QuantSweep implements ColumnSweep.Settling {
  private final LayerProblem problem;
  private final Gptq solver;
  private final GridFit fit;
  private final Optional<LayerSolution> sparse;
  private final int[] order;
  private final Factored factored;
  private final int out;
  private final int in;
  private final int group;
  private final boolean looks;
  private final float[] scales;
  private final float[] zeros;
  private final double last;

  QuantSweep(LayerProblem problem, Gptq solver, GridFit fit, Optional<LayerSolution> sparse) {
    this.problem = problem;
    this.solver = solver;
    this.fit = fit;
    this.sparse = sparse;
    this.out = problem.weight().rows();
    this.in = problem.weight().columns();
    this.order = order();
    this.factored =
        Factored.of(
            reordered(sparse.map(s -> problem.withWeight(s.weight())).orElse(problem)),
            solver.damping());
    this.group = fit.groupOf(in);
    this.looks = sparse.isEmpty() && solver.order() == Gptq.Order.NATURAL;
    this.last = (1 << fit.bits()) - 1;
    Grid start = fit.grid(sparse.isPresent() ? sparse.get().weight() : problem.weight());
    this.scales = start.scales();
    this.zeros = start.zeros();
    if (!looks && sparse.isEmpty() && !problem.isSymmetric()) {
      Grid moved = fit.grid(columns(factored.frame().weight(factored.frame().target()), true));
      System.arraycopy(moved.scales(), 0, scales, 0, scales.length);
      System.arraycopy(moved.zeros(), 0, zeros, 0, zeros.length);
    }
  }

  /** Rounds all inputs. */
  QuantSolution run() {
    Optional<Mask> known =
        sparse.isPresent()
            ? Optional.of(reordered(sparse.get().mask()))
            : Gptq.isDense(problem.pattern()) ? Optional.of(Mask.full(out, in)) : Optional.empty();
    ColumnSweep sweep =
        new ColumnSweep(
                factored,
                known.isPresent() ? DENSE : problem.pattern(),
                solver.block(),
                known,
                Optional.of(this))
            .run();
    Mask mask = sparse.isPresent() ? sparse.get().mask() : sweep.mask();
    var grid = new Grid(fit.bits(), out, in, group, scales, zeros);
    Matrix weight = mask.applied(grid.rounded(columns(sweep.weight(), true)));
    return QuantSolution.of(problem, weight, mask, grid, 1);
  }

  private static final Pattern DENSE = new Pattern.Unstructured(0, Pattern.Scope.LAYER);

  @Override
  public int group() {
    return looks ? group : in;
  }

  @Override
  public void look(double[] weights, int at, int first) {
    if (!looks) {
      return;
    }
    var plain = new double[out * group];
    for (int i = 0; i < group; i++) {
      double unit = unit(first + i);
      for (int o = 0; o < out; o++) {
        plain[o * group + i] = weights[at + i * out + o] * unit;
      }
    }
    Grid local = fit.withGroup(0).grid(Matrix.over(out, group, plain));
    System.arraycopy(local.scales(), 0, scales, first / group * out, out);
    System.arraycopy(local.zeros(), 0, zeros, first / group * out, out);
  }

  @Override
  public void settle(double[] weights, int at, int input) {
    settle(weights, at, order[input] / group * out, unit(input), factored.frame().scale()[input]);
  }

  private void settle(double[] weights, int at, int ofGroup, double unit, double back) {
    for (int o = 0; o < out; o++) {
      double scale = scales[ofGroup + o];
      double zero = zeros[ofGroup + o];
      double steps = Math.max(-zero, Math.min(last - zero, weights[at + o] * unit / scale));
      weights[at + o] = Math.rint(steps) * scale * back;
    }
  }

  private double unit(int input) {
    double scale = factored.frame().scale()[input];
    return scale == 0 ? 0 : 1 / scale;
  }

  private int[] order() {
    IntStream natural = IntStream.range(0, in);
    if (solver.order() == Gptq.Order.NATURAL) {
      return natural.toArray();
    }
    double[] diagonal = problem.gram().diagonal();
    return natural
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -diagonal[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Returns the problem with inputs in order and a pattern that fits all. */
  private LayerProblem reordered(LayerProblem plain) {
    if (solver.order() == Gptq.Order.NATURAL) {
      return plain;
    }
    Matrix gram = square(plain.gram());
    return new LayerProblem(
        columns(plain.weight(), false),
        gram,
        plain.isSymmetric() ? gram : square(plain.cross()),
        plain.energy(),
        plain.rows(),
        DENSE);
  }

  private Mask reordered(Mask mask) {
    if (solver.order() == Gptq.Order.NATURAL) {
      return mask;
    }
    var ones = new double[out * in];
    Arrays.fill(ones, 1);
    return Mask.ofNonZero(columns(mask.applied(Matrix.over(out, in, ones)), false));
  }

  /** Returns a matrix [out, in] with columns in order, or put back from there. */
  private Matrix columns(Matrix matrix, boolean back) {
    if (solver.order() == Gptq.Order.NATURAL) {
      return matrix;
    }
    double[] values = matrix.values();
    var moved = new double[values.length];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int i = 0; i < in; i++) {
        int here = r * in + i;
        int there = r * in + order[i];
        if (back) {
          moved[there] = values[here];
        } else {
          moved[here] = values[there];
        }
      }
    }
    return Matrix.over(matrix.rows(), in, moved);
  }

  private Matrix square(Matrix matrix) {
    double[] values = matrix.values();
    var moved = new double[values.length];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < in; j++) {
        moved[i * in + j] = values[order[i] * in + order[j]];
      }
    }
    return Matrix.over(in, in, moved);
  }
}
