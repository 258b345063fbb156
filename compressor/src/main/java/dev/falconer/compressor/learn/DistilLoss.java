package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.execute.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * (1 - kappa) times binary cross-entropy against the labels plus kappa times that against the
 * teacher's probabilities. The soft part is KL(teacher ‖ student) plus the teacher's entropy, which
 * has no gradient. Cross-entropy is linear in its target, so both parts are one cross-entropy
 * against the mixed target; the gradient of a logit is (probability - target) / count.
 *
 * @param kappa weight of the teacher, 0 to 1
 */
public record DistilLoss(double kappa) implements Objective {
  /** Checks the range. */
  public DistilLoss {
    if (!(kappa >= 0 && kappa <= 1)) {
      throw new IllegalArgumentException("kappa " + kappa + " is outside 0 to 1");
    }
  }

  @Override
  public Tensor loss(Tensor logits, Batch batch) {
    if (!batch.hasTeacher()) {
      throw new IllegalArgumentException(
          "distilling needs teacher logits %s, the batch has none".formatted(batch.labels()));
    }
    Tensor soft = torch.sigmoid(Tensors.over(batch.teacher()));
    Tensor target = torch.lerp(Tensors.over(batch.labels()), soft, new Scalar(kappa));
    return CrossEntropy.of(logits, target, batch.labelMask());
  }
}
