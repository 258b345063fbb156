package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.util.Arrays;

/**
 * A teacher's logits [m, T] for requests of an {@link Examples}. Filled by one thread, then read.
 */
public final class TeacherLogits {
  private final Examples examples;
  private final int tasks;
  private final float[] logits;

  /** Returns an empty store for all requests of the examples. */
  public TeacherLogits(Examples examples) {
    this.examples = examples;
    this.tasks = examples.schema().tasks().size();
    this.logits = new float[Math.multiplyExact(examples.candidates(), tasks)];
    Arrays.fill(logits, Float.NaN);
  }

  /** Stores the logits [B, m, T] of a batch's requests; those of padding are dropped. */
  public void put(Batch batch, NumericTensor batchLogits) {
    Shape shape = batch.labels().shape();
    if (!batchLogits.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "teacher logits %s for a batch of %s".formatted(batchLogits.shape(), shape));
    }
    float[] values = batchLogits.toFloats();
    int m = (int) shape.dim(1);
    for (int b = 0; b < batch.requests().size(); b++) {
      int request = batch.requests().get(b);
      for (int c = 0; c < Math.min(m, examples.candidates(request)); c++) {
        System.arraycopy(
            values, (b * m + c) * tasks, logits, examples.candidate(request, c) * tasks, tasks);
      }
    }
  }

  /** Returns the logit of a candidate for a task. Throws IllegalStateException when not stored. */
  public float logit(int request, int candidate, int task) {
    float value = logits[examples.candidate(request, candidate) * tasks + task];
    if (Float.isNaN(value)) {
      throw new IllegalStateException(
          "no teacher logit for candidate %d of request %d".formatted(candidate, request));
    }
    return value;
  }
}
