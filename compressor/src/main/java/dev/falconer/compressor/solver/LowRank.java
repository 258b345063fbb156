package dev.falconer.compressor.solver;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A matrix BA of few ranks.
 *
 * @param left B [out, r], orthonormal columns
 * @param right A [r, in]
 */
public record LowRank(Matrix left, Matrix right) {
  /**
   * Returns the BA of rank r that is nearest to a matrix, tr((D - BA) H (D - BA)') least: BA = U
   * U'D with U the eigenvectors of D H D' [out, out] of the r largest eigenvalues. No inverse or
   * root of H is needed. O(out^3). Source: 3BASiL (2025), equation of its low-rank step, in the
   * form that stays valid for a singular H.
   *
   * @param matrix D [out, in]
   * @param gram H [in, in]
   * @throws IllegalArgumentException when the rank is below 0 or above out or in
   */
  public static LowRank nearest(Matrix matrix, Matrix gram, int rank) {
    int out = matrix.rows();
    int in = matrix.columns();
    checkRank(rank, out, in);
    if (rank == 0) {
      return new LowRank(Matrix.of(out, 0), Matrix.of(0, in));
    }
    try (var _ = new PointerScope()) {
      Tensor plain = Dense.tensor(matrix);
      Tensor energy = plain.mm(Dense.tensor(gram)).mm(plain.t());
      Tensor left =
          torch.linalg_eigh(energy.add(energy.t())).get1().narrow(1, out - rank, rank).contiguous();
      return new LowRank(
          Matrix.over(out, rank, Dense.array(left)),
          Matrix.over(rank, in, Dense.array(left.t().mm(plain))));
    }
  }

  static void checkRank(int rank, int out, int in) {
    if (rank < 0 || rank > Math.min(out, in)) {
      throw new IllegalArgumentException(
          "rank %d for a weight [%d, %d]: 0 to %d are possible"
              .formatted(rank, out, in, Math.min(out, in)));
    }
  }

  /** Returns r. */
  public int rank() {
    return left.columns();
  }

  /** Returns BA [out, in]. */
  public Matrix product() {
    return rank() == 0
        ? Matrix.over(left.rows(), right.columns(), new double[left.rows() * right.columns()])
        : Dense.product(left, right);
  }

  @Override
  public String toString() {
    return "rank " + rank() + " " + Arrays.asList(left, right);
  }
}
