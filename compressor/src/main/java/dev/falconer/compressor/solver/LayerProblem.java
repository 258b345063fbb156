package dev.falconer.compressor.solver;

/**
 * One linear map y = W x to make sparse: minimise over V of a pattern
 *
 * <pre>
 * f(V) = ||Xd W' - Xp V'||^2 = tr(V H V') - 2 tr(V G) + energy
 * H = Xp'Xp [in, in],  C = Xp'Xd [in, in],  G = C W' [in, out],  energy = ||Xd W'||^2
 * </pre>
 *
 * where Xp [n, in] are the inputs that the compressed network gives the layer and Xd [n, in] those
 * of the dense network. In the symmetric problem they are the same, C = H and f(V) = tr((W-V) H
 * (W-V)'). A problem with other inputs is a symmetric one of another weight, {@link #target}.
 *
 * @param weight W [out, in]
 * @param gram H [in, in]; symmetric, positive semidefinite up to the rounding of float32 sums
 * @param cross C [in, in]; the gram in a symmetric problem
 * @param energy ||Xd W'||^2
 * @param rows n, 0 where not known
 * @param pattern of the zeros
 */
public record LayerProblem(
    Matrix weight, Matrix gram, Matrix cross, double energy, long rows, Pattern pattern) {
  /** Asymmetry, relative to sqrt(H_ii H_jj), that sums in float32 explain. */
  private static final double ASYMMETRY = 1e-4;

  /** The same, and a diagonal below 0, relative to the largest diagonal element. */
  private static final double ROUNDING = 1e-6;

  /** Checks shapes, finiteness and symmetry; rounding's asymmetry is averaged out. */
  public LayerProblem {
    int in = weight.columns();
    checkSquare("gram", gram, in);
    checkSquare("cross", cross, in);
    pattern.checkFits(weight.rows(), in);
    checkFinite("weight", weight);
    checkFinite("gram", gram);
    boolean isSymmetric = cross.equals(gram);
    if (!isSymmetric) {
      checkFinite("cross", cross);
    }
    Matrix symmetric = symmetric(gram);
    cross = isSymmetric ? symmetric : cross;
    gram = symmetric;
  }

  /** A symmetric problem. */
  public LayerProblem(Matrix weight, Matrix gram, Pattern pattern) {
    this(weight, gram, gram, energy(weight, gram), 0, pattern);
  }

  /**
   * Returns a problem whose target is the dense network's output.
   *
   * @param cross Xp'Xd [in, in]
   * @param dense Xd'Xd [in, in]
   */
  public static LayerProblem asymmetric(
      Matrix weight, Matrix gram, Matrix cross, Matrix dense, Pattern pattern) {
    return new LayerProblem(weight, gram, cross, energy(weight, dense), 0, pattern);
  }

  /** Returns the problem with the number of calibration rows behind its gram, 0 if not known. */
  public LayerProblem withRows(long n) {
    return new LayerProblem(weight, gram, cross, energy, n, pattern);
  }

  /** Returns the problem with another pattern. */
  public LayerProblem withPattern(Pattern other) {
    return new LayerProblem(weight, gram, cross, energy, rows, other);
  }

  /** Returns the problem with another weight [out, in], of a symmetric target. */
  public LayerProblem withWeight(Matrix other) {
    return new LayerProblem(other, gram, gram, energy(other, gram), rows, pattern);
  }

  /** Returns whether the inputs are the dense network's: C = H. */
  public boolean isSymmetric() {
    return cross.equals(gram);
  }

  /** Returns whether fewer than 2 in calibration rows are known to be behind the gram. */
  public boolean isShortOfRows() {
    return rows > 0 && rows < 2L * weight.columns();
  }

  /**
   * Returns T [out, in], the least of f(V) + lambda ||V - W||^2 over dense V: T' = (H + lambda
   * I)^-1 (G + lambda W'). W itself in a symmetric problem. For any V, f(V) + lambda ||V - W||^2 =
   * tr((T-V) (H + lambda I) (T-V)') + a constant.
   *
   * @param lambda ridge, at least 0
   */
  public Matrix target(double lambda) {
    if (isSymmetric()) {
      return weight;
    }
    double[] right = Dense.product(cross, weight.transposed()).toArray(); // G [in, out]
    int out = weight.rows();
    for (int i = 0; i < weight.columns(); i++) {
      for (int o = 0; o < out; o++) {
        right[i * out + o] += lambda * weight.at(o, i);
      }
    }
    return Dense.solved(gram, lambda, Matrix.over(weight.columns(), out, right)).transposed();
  }

  /** Returns the mean of the gram's diagonal, which scales ridges. */
  public double meanDiagonal() {
    double sum = 0;
    for (double value : gram.diagonal()) {
      sum += Math.max(0, value);
    }
    return gram.rows() == 0 ? 0 : sum / gram.rows();
  }

  /** Returns by input whether it is always 0 in calibration. */
  public boolean isDead(int input) {
    return gram.at(input, input) <= 0;
  }

  /**
   * Returns f(V) / energy of a weight V [out, in]: the share of the output's energy that the change
   * costs on the calibration inputs, in fp64 on the undamped gram. 0 when both are 0.
   */
  public double relativeError(Matrix other) {
    double lost =
        isSymmetric()
            ? energy(weight.minus(other), gram)
            : energy(other, gram) - 2 * Dense.inner(Dense.product(other, cross), weight) + energy;
    return lost == 0 ? 0 : lost / energy;
  }

  /** Returns tr(A H A'). O(out in^2). */
  private static double energy(Matrix a, Matrix gram) {
    checkSquare("gram", gram, a.columns());
    return Dense.inner(Dense.product(a, gram), a);
  }

  private static void checkSquare(String name, Matrix matrix, int in) {
    if (matrix.rows() != in || matrix.columns() != in) {
      throw new IllegalArgumentException(
          "a weight of %d inputs needs a %s [%d, %d], got [%d, %d]"
              .formatted(in, name, in, in, matrix.rows(), matrix.columns()));
    }
  }

  private static void checkFinite(String name, Matrix matrix) {
    if (!matrix.isFinite()) {
      throw new IllegalArgumentException("the " + name + " holds NaN or infinity");
    }
  }

  private static Matrix symmetric(Matrix gram) {
    double[] diagonal = gram.diagonal();
    double largest = 0;
    for (double value : diagonal) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < diagonal.length; i++) {
      if (diagonal[i] < -ROUNDING * largest) {
        throw new IllegalArgumentException(
            "the gram's diagonal holds %s at %d, below 0: it is no X'X".formatted(diagonal[i], i));
      }
    }
    boolean isExact = true;
    for (int i = 0; i < diagonal.length; i++) {
      for (int j = 0; j < i; j++) {
        double difference = Math.abs(gram.at(i, j) - gram.at(j, i));
        if (difference != 0) {
          isExact = false;
          double scale = Math.sqrt(Math.max(0, diagonal[i]) * Math.max(0, diagonal[j]));
          if (difference > ASYMMETRY * scale + ROUNDING * largest) {
            throw new IllegalArgumentException(
                "the gram is not symmetric: [%d, %d] is %s, [%d, %d] is %s"
                    .formatted(i, j, gram.at(i, j), j, i, gram.at(j, i)));
          }
        }
      }
    }
    if (isExact) {
      return gram;
    }
    int in = diagonal.length;
    double[] values = gram.toArray();
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (values[i * in + j] + values[j * in + i]) / 2;
        values[i * in + j] = mean;
        values[j * in + i] = mean;
      }
    }
    return Matrix.over(in, in, values);
  }
}
