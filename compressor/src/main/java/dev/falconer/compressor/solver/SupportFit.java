package dev.falconer.compressor.solver;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Conjugate gradients on a support, in float and in the unit-diagonal frame, everything [in, out];
 * the fast twin of {@link MaskedPcg}. Each output has its own steps.
 */
final class SupportFit {
  private final Tensor gram;
  private final float[] kept;
  private final int out;
  private final float[] weight;
  private final float[] residual;
  private final float[] direction;
  private final float[] image;
  private final FloatMemory directionMemory;
  private final FloatMemory imageMemory;
  private float[] norms;
  private double objective;

  /**
   * Starts from a matrix; its tensors belong to the open scope.
   *
   * @param gram Hn [in, in], float
   * @param target Bd [in, out]
   * @param start [in, out]; what the mask drops is ignored
   * @param kept [in, out]
   */
  SupportFit(Tensor gram, float[] target, float[] start, float[] kept) {
    int in = Math.toIntExact(gram.size(0));
    this.gram = gram;
    this.kept = kept;
    this.out = target.length / in;
    this.weight = new float[target.length];
    this.residual = new float[target.length];
    this.direction = new float[target.length];
    this.image = new float[target.length];
    this.directionMemory = new FloatMemory(in, out);
    this.imageMemory = new FloatMemory(in, out);
    this.norms = new float[out];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = start[i] * kept[i];
      direction[i] = target[i] - weight[i];
    }
    multiply();
    for (int i = 0; i < weight.length; i++) {
      objective += (double) direction[i] * image[i];
      residual[i] = image[i] * kept[i];
    }
    System.arraycopy(residual, 0, direction, 0, residual.length);
    norms = squares(residual, out);
  }

  /** Takes so many steps. */
  SupportFit step(int steps) {
    for (int n = 0; n < steps; n++) {
      multiply();
      float[] rate = new float[out];
      curvature(direction, kept, image, rate);
      for (int o = 0; o < out; o++) {
        rate[o] = rate[o] > 0 ? norms[o] / rate[o] : 0;
        objective -= (double) rate[o] * norms[o];
      }
      float[] after = new float[out];
      descend(weight, residual, direction, image, rate, after);
      float[] turn = new float[out];
      for (int o = 0; o < out; o++) {
        turn[o] = norms[o] > 0 ? after[o] / norms[o] : 0;
      }
      turn(direction, residual, turn);
      norms = after;
    }
    return this;
  }

  /** The weights [in, out], 0 off the support; not copied. */
  float[] weight() {
    return weight;
  }

  /** Returns tr((Bd-B)' Hn (Bd-B)), the damped objective. */
  double objective() {
    return objective;
  }

  private void multiply() {
    directionMemory.put(direction);
    torch.mm_out(imageMemory.tensor(), gram, directionMemory.tensor());
    imageMemory.get(image);
  }

  private static void curvature(float[] direction, float[] kept, float[] image, float[] sums) {
    int out = sums.length;
    for (int from = 0; from < image.length; from += out) {
      for (int o = 0; o < out; o++) {
        float masked = image[from + o] * kept[from + o];
        image[from + o] = masked;
        sums[o] += direction[from + o] * masked;
      }
    }
  }

  private static void descend(
      float[] weight,
      float[] residual,
      float[] direction,
      float[] image,
      float[] rate,
      float[] sums) {
    int out = sums.length;
    for (int from = 0; from < image.length; from += out) {
      for (int o = 0; o < out; o++) {
        weight[from + o] += rate[o] * direction[from + o];
        float left = residual[from + o] - rate[o] * image[from + o];
        residual[from + o] = left;
        sums[o] += left * left;
      }
    }
  }

  private static void turn(float[] direction, float[] residual, float[] turn) {
    int out = turn.length;
    for (int from = 0; from < direction.length; from += out) {
      for (int o = 0; o < out; o++) {
        direction[from + o] = residual[from + o] + turn[o] * direction[from + o];
      }
    }
  }

  private static float[] squares(float[] values, int out) {
    var sums = new float[out];
    for (int from = 0; from < values.length; from += out) {
      for (int o = 0; o < out; o++) {
        sums[o] += values[from + o] * values[from + o];
      }
    }
    return sums;
  }
}
