package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Transposable N:M masks of many M x M blocks at once, by tensor operations alone: the form for
 * GPUs. Dykstra's projections of exp(sharpness A) onto the row sums, the column sums and the box
 * (0, 1], in logarithms since exp overflows float; then {@link BatchRounding}. Source: TSENOR
 * (arXiv 2505.23949), algorithms 1 and 2. On CPUs {@link TransposableMask} is exact and 40 times
 * faster.
 *
 * @param sharpness tau, of scores divided by their block's largest; 50 to 200. Blunter is further
 *     from the optimum, sharper needs more iterations
 * @param iterations at most, 3 to 4 times the sharpness to converge
 * @param tolerance of the row and column sums at which to stop, 0 to take all iterations
 */
record Dykstra(double sharpness, int iterations, double tolerance) {
  /** Iterations between two looks at the sums. */
  private static final int CHECKED_EVERY = 10;

  /** Elements of blocks worked on together: four buffers of 16 MB. */
  private static final int CHUNK = 1 << 22;

  /** Checks the ranges. */
  Dykstra {
    if (!(sharpness > 0) || iterations < 1 || !(tolerance >= 0)) {
      throw new IllegalArgumentException(
          "Dykstra of sharpness %s, %d iterations, tolerance %s: the first two are above 0, the last at least 0"
              .formatted(sharpness, iterations, tolerance));
    }
  }

  /** Returns what comes within .1 % of the optimum on average. */
  static Dykstra standard() {
    return new Dykstra(100, 300, 1e-3);
  }

  /**
   * Returns masks [blocks, M, M], row-major, 1 where kept, exactly N in each row and column.
   *
   * @param scores [blocks, M, M] row-major, at least 0
   * @param kept N
   * @param group M
   */
  float[] masks(float[] scores, int kept, int group, Device device) {
    int size = group * group;
    int chunk = Math.max(1, CHUNK / size);
    var masks = new float[scores.length];
    for (int from = 0; from < scores.length; from += chunk * size) {
      int length = Math.min(chunk * size, scores.length - from);
      try (var _ = new PointerScope();
          var _ = new NoGradGuard()) {
        var memory = new FloatPointer(length);
        memory.put(scores, from, length);
        Tensor blocks =
            torch
                .from_blob(
                    memory,
                    new long[] {length / size, group, group},
                    new TensorOptions(ScalarType.Float))
                .to(device, ScalarType.Float);
        Tensor rounded = BatchRounding.round(logarithms(blocks, kept), blocks, kept);
        rounded
            .to(new Device("cpu"), ScalarType.Float)
            .contiguous()
            .data_ptr_float()
            .get(masks, from, length);
      }
    }
    return masks;
  }

  /**
   * Returns the logarithms of the fractional masks, at most 0 each.
   *
   * @param blocks scores [blocks, M, M], at least 0
   */
  Tensor logarithms(Tensor blocks, int kept) {
    Tensor largest = blocks.amax(new long[] {1, 2}, true).clamp_min(new Scalar(Float.MIN_NORMAL));
    Tensor logs = blocks.div(largest).mul(new Scalar(sharpness));
    Tensor correction = torch.zeros_like(logs);
    var sum = new Scalar(Math.log(kept));
    var zero = new Scalar(0);
    for (int i = 1; i <= iterations; i++) {
      try (var _ = new PointerScope()) {
        logs.sub_(logs.logsumexp(new long[] {2}, true)).add_(sum);
        logs.sub_(logs.logsumexp(new long[] {1}, true)).add_(sum);
        // Only the box carries Dykstra's correction: the sums are affine in the dual.
        correction.add_(logs);
        logs.copy_(correction).clamp_max_(zero);
        correction.sub_(logs);
        if (tolerance > 0 && i % CHECKED_EVERY == 0 && imbalance(logs, kept) < tolerance) {
          break;
        }
      }
    }
    return logs;
  }

  /** Returns the furthest that any row's or column's sum is from N. */
  static double imbalance(Tensor logs, int kept) {
    Tensor mask = logs.exp();
    var most = new Scalar(kept);
    double rows = mask.sum(2).sub(most).abs().max().item_double();
    double columns = mask.sum(1).sub(most).abs().max().item_double();
    return Math.max(rows, columns);
  }
}
