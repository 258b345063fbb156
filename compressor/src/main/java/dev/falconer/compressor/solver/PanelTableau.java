package dev.falconer.compressor.solver;

import java.util.Arrays;

/**
 * The least-squares weights of one panel's outputs for every support a step away, by sweeps. The
 * tableau is [H | G] of n inputs and w outputs; sweeping an input k in or out,
 *
 * <pre>
 * p = a_kk;  a_ij -= a_ik a_kj / p;  a_kj /= p;  a_ik /= -p;  a_kk = 1 / p
 * </pre>
 *
 * is its own inverse. With the support S swept in, its rows hold H[S,S]^-1 and the weights, the
 * others the Schur complement and the gradient: to take the inputs g of a group out of S costs
 * tr(a_g,G' a_gg^-1 a_g,G), to take them in gains as much. O(n^2) a sweep.
 */
final class PanelTableau {
  /** A pivot below this, of a gram of unit diagonal, is a combination of the support. */
  private static final double DEPENDENT = 1e-9;

  private static final int MOST_ROUNDS = 1000;

  private final double[] cells;
  private final boolean[] isIn;
  private final int n;
  private final int stride;
  private final int group;
  private final double[] square;
  private final double[] rows;

  private PanelTableau(double[] cells, int n, int group) {
    this.cells = cells;
    this.n = n;
    this.stride = cells.length / n;
    this.group = group;
    this.isIn = new boolean[Math.ceilDiv(n, group)];
    this.square = new double[group * group];
    this.rows = new double[group * (stride - n)];
  }

  /**
   * Returns the tableau [H | G] with nothing swept in.
   *
   * @param gram H [n, n]
   * @param right G [n, w]
   * @param group consecutive inputs that come and go together; the last may be fewer
   */
  static PanelTableau empty(double[] gram, double[] right, int n, int group) {
    return new PanelTableau(joined(gram, right, n), n, group);
  }

  /** Returns the tableau with every input swept in: [H^-1 | W'] of the weights W' [n, w]. */
  static PanelTableau full(double[] inverse, double[] weights, int n, int group) {
    var tableau = new PanelTableau(joined(inverse, weights, n), n, group);
    Arrays.fill(tableau.isIn, true);
    return tableau;
  }

  /** Takes the cheapest groups out until k are left; other rows than theirs go stale. */
  void removeDownTo(int k) {
    for (int left = isIn.length; left > k; left--) {
      sweep(cheapest(), true);
    }
  }

  /**
   * Takes the groups of some inputs in; returns false, and leaves a tableau of no use, where one
   * depends on those before.
   */
  boolean takeIn(int[] inputs) {
    for (int input : inputs) {
      if (!isIn(input)) {
        if (worth(input / group) < 0) {
          return false;
        }
        sweep(input / group, false);
      }
    }
    return true;
  }

  /**
   * Takes t groups in and t out, one by one, while that lowers the error by more than a least gain;
   * halves t when it does not.
   */
  void exchange(int most, double least) {
    int t = Math.min(most, Math.min(size(), isIn.length - size()));
    for (int round = 0; t > 0 && round < MOST_ROUNDS; round++) {
      var joined = new int[t];
      var left = new int[t];
      double gain = 0;
      int done = 0;
      for (; done < t; done++) {
        int best = best();
        if (best < 0) {
          break;
        }
        joined[done] = best;
        gain += worth(best);
        sweep(best, false);
      }
      for (int i = 0; i < done; i++) {
        left[i] = cheapest();
        gain -= worth(left[i]);
        sweep(left[i], false);
      }
      if (!(gain > least)) {
        for (int i = done - 1; i >= 0; i--) {
          sweep(left[i], false);
        }
        for (int i = done - 1; i >= 0; i--) {
          sweep(joined[i], false);
        }
        t /= 2;
      }
    }
  }

  boolean isIn(int input) {
    return isIn[input / group];
  }

  private int size() {
    int size = 0;
    for (boolean in : isIn) {
      size += in ? 1 : 0;
    }
    return size;
  }

  private int cheapest() {
    int cheapest = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int g = 0; g < isIn.length; g++) {
      if (isIn[g]) {
        double worth = worth(g);
        if (cheapest < 0 || worth < least) {
          cheapest = g;
          least = worth;
        }
      }
    }
    return cheapest;
  }

  /** Returns the group outside that gains most, -1 when all depend on those inside. */
  private int best() {
    int best = -1;
    double most = -1;
    for (int g = 0; g < isIn.length; g++) {
      if (!isIn[g]) {
        double worth = worth(g);
        if (worth > most) {
          best = g;
          most = worth;
        }
      }
    }
    return best;
  }

  /**
   * Returns what it costs to take the group out, or gains to take it in; -1 for one outside whose
   * inputs depend on each other and on those inside.
   */
  private double worth(int ofGroup) {
    int first = ofGroup * group;
    int size = Math.min(group, n - first);
    int w = stride - n;
    for (int p = 0; p < size; p++) {
      System.arraycopy(cells, (first + p) * stride + first, square, p * group, size);
      System.arraycopy(cells, (first + p) * stride + n, rows, p * w, w);
    }
    double sum = 0;
    for (int p = 0; p < size; p++) {
      double pivot = square[p * group + p];
      if (pivot <= DEPENDENT && !isIn[ofGroup]) {
        return -1;
      }
      double squares = 0;
      for (int o = p * w; o < (p + 1) * w; o++) {
        squares += rows[o] * rows[o];
      }
      sum += squares / pivot;
      for (int q = p + 1; q < size; q++) {
        double factor = square[q * group + p] / pivot;
        subtract(square, q * group, square, p * group, size, factor);
        subtract(rows, q * w, rows, p * w, w, factor);
      }
    }
    return sum;
  }

  /** Takes a group in or out; with {@code onlyInside} rows of inputs outside go stale. */
  private void sweep(int ofGroup, boolean onlyInside) {
    int first = ofGroup * group;
    for (int k = first; k < Math.min(n, first + group); k++) {
      sweepInput(k, onlyInside);
    }
    isIn[ofGroup] = !isIn[ofGroup];
  }

  private void sweepInput(int k, boolean onlyInside) {
    int pivotRow = k * stride;
    double unit = 1 / cells[pivotRow + k];
    for (int i = 0; i < n; i++) {
      int row = i * stride;
      if (i == k || (onlyInside && !isIn(i))) {
        continue;
      }
      double factor = cells[row + k] * unit;
      subtract(cells, row, cells, pivotRow, stride, factor);
      cells[row + k] = -factor;
    }
    for (int j = 0; j < stride; j++) {
      cells[pivotRow + j] *= unit;
    }
    cells[pivotRow + k] = unit;
  }

  private static void subtract(
      double[] values, int at, double[] other, int of, int length, double factor) {
    for (int j = 0; j < length; j++) {
      values[at + j] -= factor * other[of + j];
    }
  }

  private static double[] joined(double[] square, double[] right, int n) {
    int w = right.length / n;
    var cells = new double[n * (n + w)];
    for (int i = 0; i < n; i++) {
      System.arraycopy(square, i * n, cells, i * (n + w), n);
      System.arraycopy(right, i * w, cells, i * (n + w) + n, w);
    }
    return cells;
  }
}
