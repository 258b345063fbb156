package dev.falconer.compressor.solver;

import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The leading eigenvectors of D H D' for a D that changes little between calls, in float: one step
 * of subspace iteration a call with a few columns to spare, then the best r within the subspace.
 * The matrix [out, out] is never formed. O(in (in + 2 out) r) a call.
 */
final class Subspace {
  private static final int SPARE = 5;
  private static final long SEED = 1;

  private final Tensor gram;
  private final int rank;
  private final Tensor basis;
  private final Tensor leading;
  private final Tensor image;

  /**
   * A subspace of a seeded random basis; its tensors belong to the open scope.
   *
   * @param gram H [in, in], float
   */
  Subspace(Tensor gram, int out, int rank) {
    int width = Math.min(out, rank + SPARE);
    int in = Math.toIntExact(gram.size(0));
    this.gram = gram;
    this.rank = rank;
    var random = new Random(SEED);
    var start = new float[out * width];
    for (int i = 0; i < start.length; i++) {
      start[i] = (float) random.nextGaussian();
    }
    this.basis = Floats.tensor(start, out, width);
    this.leading = torch.empty(new long[] {out, rank}, gram.options(), null);
    this.image = torch.empty(new long[] {in, rank}, gram.options(), null);
  }

  /**
   * Follows a matrix.
   *
   * @param matrix D' [in, out]
   */
  void follow(Tensor matrix) {
    try (var _ = new PointerScope()) {
      Tensor turned = matrix.t().mm(gram.mm(matrix.mm(basis)));
      basis.copy_(torch.linalg_qr(turned).get0());
      Tensor within = matrix.mm(basis);
      Tensor weighed = gram.mm(within);
      Tensor energy = within.t().mm(weighed).to(ScalarType.Double);
      Tensor best =
          torch
              .linalg_eigh(energy)
              .get1()
              .narrow(1, basis.size(1) - rank, rank)
              .to(ScalarType.Float);
      leading.copy_(basis.mm(best));
      image.copy_(weighed.mm(best));
    }
  }

  /** Writes H (BA)' = H D' U U' [in, out] of the matrix followed last. */
  void writeImage(Tensor product) {
    torch.mm_out(product, image, leading.t());
  }

  /** Writes (BA)' = D' U U' [in, out]. */
  void writeLowRank(Tensor matrix, Tensor product) {
    try (var _ = new PointerScope()) {
      torch.mm_out(product, matrix.mm(leading), leading.t());
    }
  }
}
