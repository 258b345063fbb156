package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.execute.TorchGraph;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;

/** Normalised entropy of the main task, the first, on held-out batches. */
final class HeldOut {
  private HeldOut() {}

  /**
   * Returns the mean log loss over the entropy of the base rate (He et al. 2014, eq. 1).
   *
   * @throws IllegalArgumentException when the labels are all equal
   */
  static double normalizedEntropy(TorchGraph graph, Iterable<Batch> batches) {
    double loss = 0;
    double positives = 0;
    long count = 0;
    for (Batch batch : batches) {
      float[] logits;
      try (var _ = new PointerScope()) {
        logits = graph.infer(batch.inputs(), Set.of(Inputs.LOGITS)).copy(Inputs.LOGITS).toFloats();
      }
      float[] labels = batch.labels().toFloats();
      float[] mask = batch.labelMask().toFloats();
      int tasks = Math.toIntExact(batch.labels().shape().dim(2));
      for (int i = 0; i < labels.length; i += tasks) {
        if (mask[i] != 0) {
          loss += crossEntropy(logits[i], labels[i]);
          positives += labels[i];
          count++;
        }
      }
    }
    double rate = positives / count;
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "the %d held-out labels of the main task are all equal: hold out more of the log"
              .formatted(count));
    }
    double entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
    return loss / count / entropy;
  }

  /** Returns -y log p - (1 - y) log(1 - p) for p = sigmoid(logit), without overflow. */
  private static double crossEntropy(double logit, double label) {
    return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
  }
}
