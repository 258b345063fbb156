package dev.falconer.compressor.learn;

import dev.falconer.compressor.execute.Tensors;
import dev.falconer.compressor.execute.TorchGraph;
import dev.falconer.compressor.execute.TorchOptions;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fits a decoder to a text: cross-entropy of every next token in windows drawn at random. {@link
 * Trainer} is for rankers: its objectives read labels and masks of requests.
 *
 * @param batch windows a step
 * @param context tokens a window
 */
public record NextTokenTraining(int steps, int batch, int context, double rate, long seed) {
  private static final int WARM_UP = 100;
  private static final double CLIP_NORM = 1;

  /** Hears of every step. */
  public interface Listener {
    /** Called after a step, counted from 1, with its loss in nats a token. */
    void step(int step, double loss);
  }

  /** Returns the model fitted to the tokens. */
  public Model fit(Model start, String input, String output, int[] tokens, Listener listener) {
    var options =
        new TrainingOptions(1, steps, rate, WARM_UP, .05, CLIP_NORM, steps, Integer.MAX_VALUE);
    var random = new Random(seed);
    try (var graph = TorchGraph.of(start, TorchOptions.standard());
        var gradients = new Gradients(graph, Map.of(), options.clipNorm());
        var adam = new Adam(graph)) {
      for (int step = 0; step < steps; step++) {
        listener.step(step + 1, loss(graph, input, output, windows(tokens, random)));
        gradients.prepare();
        adam.step(step, options.rateAt(step));
        gradients.clear();
      }
      return graph.model();
    }
  }

  private double loss(TorchGraph graph, String input, String output, long[][] windows) {
    try (var _ = new PointerScope()) {
      NumericTensor next = TensorData.vector(windows[1]);
      NumericTensor read = TensorData.longs(Shape.of(batch, context), windows[0]);
      Tensor logits = graph.forward(Map.of(input, read), Set.of(output)).get(output);
      Tensor loss = torch.cross_entropy_loss(logits.flatten(0, 1), Tensors.over(next));
      loss.backward();
      return loss.item_float();
    }
  }

  /** Returns tokens [batch, context] and those that follow each of them. */
  private long[][] windows(int[] tokens, Random random) {
    var windows = new long[2][batch * context];
    for (int b = 0; b < batch; b++) {
      int start = random.nextInt(tokens.length - context);
      for (int i = 0; i < context; i++) {
        windows[0][b * context + i] = tokens[start + i];
        windows[1][b * context + i] = tokens[start + i + 1];
      }
    }
    return windows;
  }
}
