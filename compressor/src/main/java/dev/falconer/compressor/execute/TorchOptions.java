package dev.falconer.compressor.execute;

/**
 * How a graph runs on libtorch.
 *
 * @param doublePrecision computes float32 in float64: for derivative checks
 * @param rowWiseFrom rows from which on a table that is only read by Gather gets its gradient as
 *     rows, not as a dense tensor
 * @param twiceDifferentiable keeps attention as products and softmax, so that a gradient can be
 *     differentiated again; else it is one fused call, several times faster
 */
public record TorchOptions(boolean doublePrecision, long rowWiseFrom, boolean twiceDifferentiable) {
  /** Returns single precision, row-wise gradients from 10,000 rows. */
  public static TorchOptions standard() {
    return new TorchOptions(false, 10_000, false);
  }

  /** Returns double precision with dense gradients. */
  public static TorchOptions precise() {
    return new TorchOptions(true, Long.MAX_VALUE, false);
  }
}
