package dev.falconer.compressor.learn;

import dev.falconer.compressor.execute.Tensors;
import dev.falconer.compressor.onnx.NumericTensor;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Binary cross-entropy with logits over masked entries. */
final class CrossEntropy {
  private static final int SUM = 2;

  private CrossEntropy() {}

  /**
   * Returns the sum over tasks of the mean over the task's unmasked entries; a task without any
   * counts 0.
   *
   * @param logits [B, m, T]
   * @param target [B, m, T], 0 to 1
   * @param mask float32 [B, m, T], 0 or 1
   */
  static Tensor of(Tensor logits, Tensor target, NumericTensor mask) {
    Tensor kept = Tensors.over(mask).to(logits.scalar_type());
    Tensor counts = kept.sum(new long[] {0, 1}, true, new ScalarTypeOptional());
    Tensor atLeastOne = torch.clamp(counts, new ScalarOptional(new Scalar(1.0)));
    var weights = new TensorOptional(kept.div(atLeastOne));
    return torch.binary_cross_entropy_with_logits(
        logits, target.to(logits.scalar_type()), weights, new TensorOptional(), SUM);
  }
}
