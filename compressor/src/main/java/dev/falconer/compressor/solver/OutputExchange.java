package dev.falconer.compressor.solver;

/**
 * The best exchanges of one output's weights. With H the gram of unit diagonal, G the output's
 * right-hand side, s the support of k, C = H[s,s]^-1, q = C G[s] the least-squares weights and g =
 * G - H q, an input l joins and position p leaves for the gain
 *
 * <pre>
 * u = C H[s,l],  sigma = 1 - u'H[s,l]
 * gain(p, l) = (g_l + u_p q_p / C_pp)^2 / (sigma + u_p^2 / C_pp) - q_p^2 / C_pp
 * </pre>
 *
 * and C and q follow by two rank-one updates. O(candidates k^2) an exchange.
 */
final class OutputExchange {
  private static final int MOST_MOVES = 1000;

  /** Below this an input is a combination of those kept. */
  private static final double DEPENDENT = 1e-9;

  private final double[] gram;
  private final double[] right;
  private final double[] inverse;
  private final int[] support;
  private final int group;
  private final int in;
  private final int k;
  private final boolean[] isKept;
  private final double[] weights;
  private final double[] gradient;
  private final int[] candidates;
  private final double[] images;
  private final double[] across;

  private int leaving;
  private int joining;
  private double sigma;

  /**
   * A search that owns its arrays from now on.
   *
   * @param gram H [in, in], not changed
   * @param right G [in], not changed
   * @param inverse C [k, k]
   * @param support s [k], changed in place
   * @param group inputs within which exchanges stay, 0 for anywhere
   * @param candidates inputs tried for each exchange
   */
  OutputExchange(
      double[] gram, double[] right, double[] inverse, int[] support, int group, int candidates) {
    this.gram = gram;
    this.right = right;
    this.inverse = inverse;
    this.support = support;
    this.group = group;
    this.in = right.length;
    this.k = support.length;
    this.isKept = new boolean[in];
    this.weights = new double[k];
    this.gradient = new double[in];
    this.candidates = new int[Math.min(candidates, in - k)];
    this.images = new double[this.candidates.length * k];
    this.across = new double[k];
    for (int p = 0; p < k; p++) {
      isKept[support[p]] = true;
      for (int r = 0; r < k; r++) {
        weights[p] += inverse[p * k + r] * right[support[r]];
      }
    }
  }

  /** Exchanges while the gain is more than the least; returns the number of exchanges. */
  int run(double least) {
    for (int moves = 0; moves < MOST_MOVES; moves++) {
      differentiate();
      rank();
      if (!findsBest(least)) {
        return moves;
      }
      exchange();
    }
    return MOST_MOVES;
  }

  /** The weights of the support, in its order; not copied. */
  double[] weights() {
    return weights;
  }

  private void differentiate() {
    System.arraycopy(right, 0, gradient, 0, in);
    for (int p = 0; p < k; p++) {
      subtract(gradient, 0, gram, support[p] * in, in, weights[p]);
    }
  }

  /** Sorts the inputs of the largest gradients outside the support to the front. */
  private void rank() {
    int found = 0;
    for (int l = 0; l < in; l++) {
      if (isKept[l]) {
        continue;
      }
      double size = Math.abs(gradient[l]);
      if (found < candidates.length) {
        found++;
      } else if (found == 0 || size <= Math.abs(gradient[candidates[found - 1]])) {
        continue;
      }
      int at = found - 1;
      while (at > 0 && Math.abs(gradient[candidates[at - 1]]) < size) {
        candidates[at] = candidates[at - 1];
        at--;
      }
      candidates[at] = l;
    }
  }

  private boolean findsBest(double least) {
    double best = least;
    boolean isFound = false;
    for (int c = 0; c < candidates.length; c++) {
      int l = candidates[c];
      double rest = 1 - image(c, l);
      double open = Math.max(DEPENDENT, rest);
      for (int p = 0; p < k; p++) {
        if (group > 0 && support[p] / group != l / group) {
          continue;
        }
        double u = images[c * k + p];
        double pivot = 1 / inverse[p * k + p];
        double weight = weights[p] * pivot;
        double slope = gradient[l] + u * weight;
        double gain = slope * slope / (open + u * u * pivot) - weights[p] * weight;
        if (gain > best) {
          best = gain;
          leaving = p;
          joining = c;
          sigma = open;
          isFound = true;
        }
      }
    }
    return isFound;
  }

  /** Computes u of a candidate; returns u'H[s,l]. */
  private double image(int candidate, int input) {
    int at = candidate * k;
    java.util.Arrays.fill(images, at, at + k, 0);
    double[] column = across;
    for (int p = 0; p < k; p++) {
      column[p] = gram[input * in + support[p]];
    }
    for (int p = 0; p < k; p++) {
      subtract(images, at, inverse, p * k, k, -column[p]);
    }
    double sum = 0;
    for (int p = 0; p < k; p++) {
      sum += images[at + p] * column[p];
    }
    return sum;
  }

  private void exchange() {
    int p = leaving;
    int l = candidates[joining];
    int u = joining * k;
    double pivot = 1 / inverse[p * k + p];
    double left = weights[p] * pivot;
    double share = images[u + p] * pivot;
    double slope = gradient[l] + images[u + p] * left;
    double open = 1 / (sigma + images[u + p] * share);
    double[] row = across;
    System.arraycopy(inverse, p * k, row, 0, k);
    // p leaves.
    for (int r = 0; r < k; r++) {
      subtract(inverse, r * k, row, 0, k, row[r] * pivot);
    }
    subtract(weights, 0, row, 0, k, left);
    subtract(images, u, row, 0, k, share);
    images[u + p] = -1; // the joining input's own place
    for (int r = 0; r < k; r++) {
      inverse[p * k + r] = 0;
      inverse[r * k + p] = 0;
    }
    // l joins in its place.
    System.arraycopy(images, u, row, 0, k);
    for (int r = 0; r < k; r++) {
      subtract(inverse, r * k, row, 0, k, -row[r] * open);
    }
    weights[p] = 0;
    subtract(weights, 0, row, 0, k, slope * open);
    isKept[support[p]] = false;
    support[p] = l;
    isKept[l] = true;
  }

  private static void subtract(
      double[] values, int at, double[] other, int of, int length, double factor) {
    for (int i = 0; i < length; i++) {
      values[at + i] -= factor * other[of + i];
    }
  }
}
