package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.execute.TorchOptions;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.Set;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;

/** Computes a model's logits without gradients, as a teacher's are before distilling. */
public final class Scorer {
  private Scorer() {}

  /**
   * Hands each batch to the sink with its logits [B, m, T].
   *
   * @param progress told of each batch, with a loss of NaN
   */
  public static void logits(
      Model model,
      Iterable<Batch> batches,
      BiConsumer<Batch, NumericTensor> sink,
      Progress progress) {
    int done = 0;
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      for (Batch batch : batches) {
        NumericTensor logits;
        try (var _ = new PointerScope()) {
          logits = graph.infer(batch.inputs(), Set.of(Inputs.LOGITS)).copy(Inputs.LOGITS);
        }
        sink.accept(batch, logits);
        progress.step(++done, Double.NaN);
      }
    }
  }
}
