package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import org.bytedeco.pytorch.Tensor;

/** What training minimises. */
public sealed interface Objective permits LabelLoss, DistilLoss {
  /**
   * Returns the loss, a scalar that carries gradients: per task the mean over labelled candidates,
   * summed over tasks.
   *
   * @param logits [B, m, T]
   */
  Tensor loss(Tensor logits, Batch batch);
}
