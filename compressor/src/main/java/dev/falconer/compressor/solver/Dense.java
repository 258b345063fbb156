package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Dense linear algebra in fp64, by libtorch on one thread. Tensors live in the open scope. */
final class Dense {
  static {
    torch.set_num_threads(1);
  }

  /** Ridges tried, each ten times the one before, until a gram is positive definite. */
  private static final int RIDGES = 12;

  /** The first ridge tried where none was asked for, relative to the mean of the diagonal. */
  private static final double FIRST_RIDGE = 1e-10;

  private Dense() {}

  /** Returns a tensor of a copy of row-major values. */
  static Tensor tensor(double[] values, long... shape) {
    if (values.length == 0) {
      return TensorDevice.current()
          .take(torch.empty(shape, new TensorOptions(ScalarType.Double), null));
    }
    var memory = new DoublePointer(values.length);
    memory.put(values, 0, values.length);
    return TensorDevice.current()
        .take(torch.from_blob(memory, shape, new TensorOptions(ScalarType.Double)));
  }

  static Tensor tensor(Matrix matrix) {
    return tensor(matrix.values(), matrix.rows(), matrix.columns());
  }

  /** Copies a tensor's elements, row-major. */
  static double[] array(Tensor tensor) {
    Tensor dense = tensor.cpu().contiguous();
    var values = new double[Math.toIntExact(dense.numel())];
    if (values.length > 0) {
      dense.data_ptr_double().get(values, 0, values.length);
    }
    return values;
  }

  /** Returns A B. */
  static Matrix product(Matrix a, Matrix b) {
    try (var _ = new PointerScope()) {
      return Matrix.over(a.rows(), b.columns(), array(tensor(a).mm(tensor(b))));
    }
  }

  /** Returns the sum of the products of elements, tr(A B'). */
  static double inner(Matrix a, Matrix b) {
    double[] x = a.values();
    double[] y = b.values();
    double total = 0;
    for (int r = 0; r < a.rows(); r++) {
      double sum = 0;
      for (int i = r * a.columns(); i < (r + 1) * a.columns(); i++) {
        sum += x[i] * y[i];
      }
      total += sum;
    }
    return total;
  }

  /**
   * Returns (H + ridge I)^-1 B, with a larger ridge when that is not positive definite.
   *
   * @param gram H [in, in]
   * @param right B [in, m]
   */
  static Matrix solved(Matrix gram, double ridge, Matrix right) {
    try (var _ = new PointerScope()) {
      Tensor factor = factor(gram, ridge);
      return Matrix.over(
          right.rows(), right.columns(), array(torch.cholesky_solve(tensor(right), factor, false)));
    }
  }

  /**
   * Returns the lower Cholesky factor of H + ridge I; where that is not positive definite, of the
   * next ridge, ten times as large. A diagonal element of 0 counts as 1.
   *
   * @throws IllegalArgumentException when no ridge helps: H has eigenvalues far below 0
   */
  static Tensor factor(Matrix gram, double ridge) {
    Tensor values = tensor(gram);
    double[] diagonal = gram.diagonal();
    double mean = 0;
    for (int i = 0; i < diagonal.length; i++) {
      mean += Math.max(0, diagonal[i]) / diagonal.length;
      diagonal[i] = diagonal[i] > 0 ? 0 : 1 - diagonal[i];
    }
    Tensor onDiagonal = values.diagonal();
    onDiagonal.add_(tensor(diagonal, diagonal.length));
    double added = 0;
    double next = ridge;
    for (int attempt = 0; attempt < RIDGES; attempt++) {
      onDiagonal.add_(new Scalar(next - added));
      added = next;
      Optional<Tensor> factor = cholesky(values);
      if (factor.isPresent()) {
        return factor.get();
      }
      next = next == 0 ? FIRST_RIDGE * mean : 10 * next;
    }
    throw new IllegalArgumentException(
        "the gram is no X'X: with %.3g added to its diagonal of mean %.3g it still has eigenvalues"
                .formatted(added, mean)
            + " below 0");
  }

  /** Returns the lower Cholesky factor, empty when the matrix is not positive definite. */
  static Optional<Tensor> cholesky(Tensor symmetric) {
    T_TensorTensor_T result = torch.linalg_cholesky_ex(symmetric);
    return result.get1().item_int() == 0 ? Optional.of(result.get0()) : Optional.empty();
  }
}
