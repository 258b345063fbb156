package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;

/**
 * Some requests, padded to the longest history (n) and slate (m) among them.
 *
 * @param requests indices of the requests in their Examples, one per row
 * @param inputs feeds of a ranker by input name ({@link Inputs}): history columns [B, n], length
 *     [B], candidate columns [B, m, ...], context columns [B, ...]
 * @param labels float32 [B, m, T]; 0 where masked
 * @param labelMask float32 [B, m, T]: 1 where a label exists, 0 for padding and unlabelled tasks
 * @param teacher float32 [B, m, T] teacher logits; of shape [0] when there are none
 */
public record Batch(
    List<Integer> requests,
    Map<String, TensorData> inputs,
    NumericTensor labels,
    NumericTensor labelMask,
    NumericTensor teacher) {
  /** Copies the list. */
  public Batch {
    requests = List.copyOf(requests);
  }

  /** Returns whether the batch carries teacher logits. */
  public boolean hasTeacher() {
    return teacher.shape().rank() == 3;
  }
}
