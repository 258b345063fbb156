package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.execute.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Binary cross-entropy against the labels. */
public record LabelLoss() implements Objective {
  @Override
  public Tensor loss(Tensor logits, Batch batch) {
    return CrossEntropy.of(logits, Tensors.over(batch.labels()), batch.labelMask());
  }
}
