package dev.falconer.compressor.solver;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** (Hn + rho I)^-1 [in, in] in float, by Cholesky's factor anew for every rho. */
final class ShiftedInverse {
  private final Tensor gram;
  private final Tensor inverse;

  /** An inverse to be shifted first; its tensors belong to the open scope. */
  ShiftedInverse(Tensor gram) {
    this.gram = gram;
    this.inverse = torch.empty_like(gram);
  }

  Tensor tensor() {
    return inverse;
  }

  /** Inverts for a rho above 0; in fp64 where float32 is not precise enough. */
  void shift(float rho) {
    try (var _ = new PointerScope()) {
      Tensor shifted = gram.clone();
      shifted.diagonal().add_(new Scalar(rho));
      Optional<Tensor> factor = Dense.cholesky(shifted);
      if (factor.isPresent()) {
        torch.cholesky_inverse_out(inverse, factor.get());
        return;
      }
      Tensor exact =
          Dense.cholesky(shifted.to(ScalarType.Double))
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "the gram is no X'X: scaled to a diagonal of 1 it has eigenvalues below -"
                          + rho));
      inverse.copy_(torch.cholesky_inverse(exact));
    }
  }
}
