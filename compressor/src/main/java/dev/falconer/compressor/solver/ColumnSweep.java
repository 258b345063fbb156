package dev.falconer.compressor.solver;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * SparseGPT's recursion over inputs, in fp64 and in the unit-diagonal frame. Weights lie [in, out],
 * so a step over an input is a loop over consecutive outputs.
 *
 * <p>Blocks of inputs first take all that earlier blocks owe them, in one product. Within a block a
 * strip of a few inputs is finished, then pays the rest of its part of the block in one pass; a
 * part pays the rest of the block in one product.
 */
final class ColumnSweep {
  /** Inputs of a strip, whose losses one pass over the block's later inputs pays out. */
  private static final int STRIP = 4;

  /** Inputs of a part of a block. */
  private static final int PART = 32;

  /** What becomes of the weights that stay. */
  interface Settling {
    /** Returns the inputs that are looked at together before the first of them settles. */
    int group();

    /**
     * Looks at the weights of a group of inputs, which have made up for all earlier ones.
     *
     * @param weights of inputs from {@code first}, {@link #group} rows of out at {@code at}
     */
    void look(double[] weights, int at, int first);

    /** Settles the weights of an input, out of them at {@code at}, in place; 0 stays 0. */
    void settle(double[] weights, int at, int input);
  }

  private final Frame frame;
  private final Tensor upper;
  private final double[] factor;
  private final Pattern pattern;
  private final int step;
  private final int block;
  private final int out;
  private final int in;
  private final double scale;
  private final double[] sparse;
  private final float[] marks;
  private final boolean isChosen;
  private final Optional<Settling> settling;
  private final int pause;
  private double loss;

  /**
   * A sweep to run once, which chooses what stays.
   *
   * @param columns inputs whose zeros without structure are chosen together
   */
  ColumnSweep(Factored factored, Pattern pattern, int columns) {
    this(factored, pattern, columns, Optional.empty(), Optional.empty());
  }

  /**
   * A sweep to run once.
   *
   * @param mask of what stays; empty to choose
   * @param settling of what stays
   */
  ColumnSweep(
      Factored factored,
      Pattern pattern,
      int columns,
      Optional<Mask> mask,
      Optional<Settling> settling) {
    this.frame = factored.frame();
    this.upper = factored.upper();
    this.settling = settling;
    this.isChosen = mask.isPresent();
    this.factor = Dense.array(upper);
    this.pattern = pattern;
    this.out = frame.out();
    this.in = frame.in();
    this.step =
        switch (pattern) {
          case Pattern.NofM(int _, int group) -> Math.min(in, group);
          case Pattern.Transposable(int _, int group) -> group;
          case Pattern.Unstructured _ -> columns;
          case Pattern.Panel _, Pattern.Block _ -> in;
        };
    this.pause = Math.min(in, settling.map(Settling::group).orElse(in));
    int whole = multiple(step >= in ? 1 : step, pause >= in ? 1 : pause);
    this.block = whole * Math.max(1, columns / whole);
    this.sparse = new double[in * out];
    this.marks = mask.isPresent() ? mask.get().toInOut() : new float[in * out];
    this.scale = Floats.unit(frame.target());
  }

  /** Prunes all inputs. */
  ColumnSweep run() {
    Tensor losses = torch.empty(new long[] {in, out}, upper.options(), null);
    for (int from = 0; from < in; from += block) {
      int to = Math.min(in, from + block);
      double[] weights = Arrays.copyOfRange(frame.target(), from * out, to * out);
      if (from > 0) {
        Tensor owed = upper.narrow(0, 0, from).narrow(1, from, to - from).t();
        subtract(weights, Dense.array(owed.mm(losses.narrow(0, 0, from))));
      }
      if (from == 0 && step >= in && !isChosen) {
        choose(frame.target(), 0, 0, in);
      }
      if (from == 0 && pause >= in) {
        settling.ifPresent(settle -> settle.look(frame.target(), 0, 0));
      }
      double[] lost = sweep(weights, from, to);
      losses.narrow(0, from, to - from).copy_(Dense.tensor(lost, to - from, out));
    }
    return this;
  }

  /** Returns the pruned weight [out, in]. */
  Matrix weight() {
    return frame.weight(sparse);
  }

  Mask mask() {
    return Mask.ofInOut(marks, out, in);
  }

  double ridge() {
    return frame.ridge();
  }

  /** Returns ||E||^2 = tr((W-V) (H + ridge I) (W-V)'). */
  double loss() {
    return loss;
  }

  /** Prunes the inputs [from, to), whose weights begin at {@code from}; returns their losses. */
  private double[] sweep(double[] weights, int from, int to) {
    var lost = new double[weights.length];
    int part = from;
    int end = Math.min(to, from + PART);
    int strip = from;
    for (int i = from; i < to; i++) {
      boolean chooses = step < in && i % step == 0 && !isChosen;
      boolean looks = pause < in && i % pause == 0;
      int ahead = i + Math.max(chooses ? step : 1, looks ? pause : 1);
      if (i > part && (i == end || Math.min(ahead, to) > end)) {
        pay(weights, lost, from, strip, i, i, end);
        payRest(weights, lost, from, part, i, end, to);
        part = i;
        end = Math.min(to, i + PART);
        strip = i;
      } else if (chooses || looks || i - strip == STRIP) {
        pay(weights, lost, from, strip, i, i, end);
        strip = i;
      }
      if (looks) {
        settling.get().look(weights, (i - from) * out, i);
      }
      if (chooses) {
        choose(weights, from, i, Math.min(in, i + step));
      }
      pay(weights, lost, from, strip, i, i, i + 1);
      drop(weights, lost, (i - from) * out, i);
    }
    for (double value : lost) {
      loss += value * value;
    }
    return lost;
  }

  /** Chooses what stays of inputs [first, last) by |w| / U_ii. */
  private void choose(double[] weights, int from, int first, int last) {
    var scores = new float[(last - first) * out];
    for (int i = first; i < last; i++) {
      double unit = scale / factor[i * in + i];
      for (int o = 0; o < out; o++) {
        scores[(i - first) * out + o] = (float) (weights[(i - from) * out + o] * unit);
      }
    }
    var kept = new float[scores.length];
    projection(first, last).project(scores, kept);
    System.arraycopy(kept, 0, marks, first * out, kept.length);
  }

  private Projection projection(int first, int last) {
    if (pattern instanceof Pattern.Unstructured zeros) {
      return zeros.scope() == Pattern.Scope.ROW
          ? new Projection.Rows(
              share(zeros.keptOfRow(in), last) - share(zeros.keptOfRow(in), first),
              out,
              last - first)
          : new Projection.Largest(
              share(zeros.keptOf((long) out * in), last)
                  - share(zeros.keptOf((long) out * in), first));
    }
    return Projection.of(pattern, out, last - first);
  }

  /** Returns how much of a total the first inputs get. */
  private int share(long total, int inputs) {
    return Math.toIntExact(Math.round((double) total * inputs / in));
  }

  private void drop(double[] weights, double[] lost, int at, int input) {
    double unit = 1 / factor[input * in + input];
    int start = input * out;
    for (int o = 0; o < out; o++) {
      sparse[start + o] = weights[at + o] * marks[start + o];
    }
    if (settling.isPresent()) {
      settling.get().settle(sparse, start, input);
    }
    for (int o = 0; o < out; o++) {
      lost[at + o] = (weights[at + o] - sparse[start + o]) * unit;
    }
  }

  /** Returns the least common multiple. */
  private static int multiple(int a, int b) {
    int x = a;
    int y = b;
    while (y != 0) {
      int rest = x % y;
      x = y;
      y = rest;
    }
    return Math.multiplyExact(a / x, b);
  }

  /** Subtracts from inputs [first, last) what the inputs [strip, end) lost. */
  private void pay(
      double[] weights, double[] lost, int from, int strip, int end, int first, int last) {
    for (int j = first; j < last; j++) {
      int at = (j - from) * out;
      int i = strip;
      for (; i + 4 <= end; i += 4) {
        subtract4(weights, at, lost, (i - from) * out, out, i * in + j);
      }
      for (; i < end; i++) {
        subtract1(weights, at, lost, (i - from) * out, out, factor[i * in + j]);
      }
    }
  }

  /** Subtracts from inputs [first, last) what the inputs [part, end) lost, in one product. */
  private void payRest(
      double[] weights, double[] lost, int from, int part, int end, int first, int last) {
    if (first == last) {
      return;
    }
    double[] losses = Arrays.copyOfRange(lost, (part - from) * out, (end - from) * out);
    Tensor factors = upper.narrow(0, part, end - part).narrow(1, first, last - first).t();
    double[] owed = Dense.array(factors.mm(Dense.tensor(losses, end - part, out)));
    int at = (first - from) * out;
    for (int i = 0; i < owed.length; i++) {
      weights[at + i] -= owed[i];
    }
  }

  private void subtract4(double[] weights, int at, double[] lost, int of, int width, int element) {
    double u0 = factor[element];
    double u1 = factor[element + in];
    double u2 = factor[element + 2 * in];
    double u3 = factor[element + 3 * in];
    for (int o = 0; o < width; o++) {
      weights[at + o] -=
          u0 * lost[of + o]
              + u1 * lost[of + width + o]
              + u2 * lost[of + 2 * width + o]
              + u3 * lost[of + 3 * width + o];
    }
  }

  private static void subtract1(
      double[] weights, int at, double[] lost, int of, int width, double u) {
    for (int o = 0; o < width; o++) {
      weights[at + o] -= u * lost[of + o];
    }
  }

  private static void subtract(double[] weights, double[] other) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] -= other[i];
    }
  }
}
