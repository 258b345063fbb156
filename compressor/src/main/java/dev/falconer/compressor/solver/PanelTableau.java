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
 * others the Schur complement's diagonal and the gradient: to take j out of S costs |a_j,G|^2 /
 * a_jj, to take i in gains |a_i,G|^2 / a_ii. O(n^2) a sweep.
 */
final class PanelTableau {
  /** A pivot below this, of a gram of unit diagonal, is a combination of the support. */
  private static final double DEPENDENT = 1e-9;

  private final double[] cells;
  private final boolean[] isIn;
  private final int n;
  private final int stride;

  private PanelTableau(double[] cells, boolean[] isIn, int stride) {
    this.cells = cells;
    this.isIn = isIn;
    this.n = isIn.length;
    this.stride = stride;
  }

  /** Returns the tableau [H | G] of G [n, w] with nothing swept in. */
  static PanelTableau empty(double[] gram, double[] right, int n) {
    return new PanelTableau(joined(gram, right, n), new boolean[n], n + right.length / n);
  }

  /** Returns the tableau with every input swept in: [H^-1 | W'] of the weights W' [n, w]. */
  static PanelTableau full(double[] inverse, double[] weights, int n) {
    var isIn = new boolean[n];
    Arrays.fill(isIn, true);
    return new PanelTableau(joined(inverse, weights, n), isIn, n + weights.length / n);
  }

  /** Takes the cheapest inputs out until k are left; other rows than theirs go stale. */
  void removeDownTo(int k) {
    for (int left = n; left > k; left--) {
      sweep(cheapest(), true);
    }
  }

  /** Takes inputs in or out. */
  void sweepAll(int[] inputs) {
    for (int input : inputs) {
      sweep(input, false);
    }
  }

  /**
   * Takes t inputs in and t out, one by one, while that lowers the error by more than a least gain;
   * halves t when it does not.
   */
  void exchange(int most, double least) {
    int t = Math.min(most, Math.min(size(), n - size()));
    while (t > 0) {
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
      if (gain <= least) {
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
    return isIn[input];
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
    for (int j = 0; j < n; j++) {
      if (isIn[j] && (cheapest < 0 || worth(j) < least)) {
        cheapest = j;
        least = worth(j);
      }
    }
    return cheapest;
  }

  /** Returns the input outside that gains most, -1 when all depend on those inside. */
  private int best() {
    int best = -1;
    double most = -1;
    for (int i = 0; i < n; i++) {
      if (!isIn[i] && cells[i * stride + i] > DEPENDENT && worth(i) > most) {
        best = i;
        most = worth(i);
      }
    }
    return best;
  }

  /** Returns what it costs to take the input out, or gains to take it in. */
  private double worth(int input) {
    double sum = 0;
    int row = input * stride;
    for (int o = n; o < stride; o++) {
      sum += cells[row + o] * cells[row + o];
    }
    return sum / cells[row + input];
  }

  private void sweep(int k, boolean onlyInside) {
    int pivotRow = k * stride;
    double unit = 1 / cells[pivotRow + k];
    isIn[k] = !isIn[k];
    for (int i = 0; i < n; i++) {
      int row = i * stride;
      if (i == k || (onlyInside && !isIn[i])) {
        continue;
      }
      double factor = cells[row + k] * unit;
      subtract(row, pivotRow, factor);
      cells[row + k] = -factor;
    }
    for (int j = 0; j < stride; j++) {
      cells[pivotRow + j] *= unit;
    }
    cells[pivotRow + k] = unit;
  }

  private void subtract(int row, int other, double factor) {
    for (int j = 0; j < stride; j++) {
      cells[row + j] -= factor * cells[other + j];
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
