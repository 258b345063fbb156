package dev.falconer.compressor.learn;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.execute.SmallGraph;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A ranker of a few weights and batches whose labels follow from the features. */
final class Toy {
  static final int ITEMS = 12;
  private static final int FEATURES = 4;
  private static final int TASKS = 2;
  private static final int REQUESTS = 8;
  private static final int SLATE = 3;

  private Toy() {}

  /** Returns an item embedding beside dense features, through one hidden layer. */
  static Model model(long seed) {
    return new SmallGraph(seed)
        .input(Inputs.CANDIDATE_ITEM, DType.INT64, "users", "candidates")
        .input(Inputs.CANDIDATE_DENSE, DType.FLOAT32, "users", "candidates", FEATURES)
        .parameter("table", -.1, .1, ITEMS, FEATURES)
        .parameter("w1", -.5, .5, FEATURES, 8)
        .parameter("b1", -.1, .1, 8)
        .parameter("w2", -.5, .5, 8, TASKS)
        .node("Gather", "item", "table", Inputs.CANDIDATE_ITEM)
        .node("Add", "x", "item", Inputs.CANDIDATE_DENSE)
        .node("MatMul", "h0", "x", "w1")
        .node("Add", "h1", "h0", "b1")
        .node("Gelu", "h", "h1")
        .node("MatMul", Inputs.LOGITS, "h", "w2")
        .model(Inputs.LOGITS);
  }

  /** Returns the batches of any epoch: others for another epoch, the same for the same. */
  static IntFunction<List<Batch>> epochs(int batches, long seed) {
    return epoch ->
        IntStream.range(0, batches)
            .mapToObj(i -> batch(new SplittableRandom(seed + 1000L * epoch + i)))
            .toList();
  }

  /** Returns one batch; about a fifth of the labels are missing. */
  static Batch batch(SplittableRandom random) {
    var items = new long[REQUESTS * SLATE];
    var dense = new float[items.length * FEATURES];
    var labels = new float[items.length * TASKS];
    var mask = new float[labels.length];
    var teacher = new float[labels.length];
    for (int c = 0; c < items.length; c++) {
      items[c] = random.nextInt(ITEMS);
      double signal = items[c] % 3 - 1;
      for (int k = 0; k < FEATURES; k++) {
        dense[c * FEATURES + k] = (float) random.nextDouble(-1, 1);
        signal += (k % 2 == 0 ? 2 : -1) * dense[c * FEATURES + k];
      }
      for (int t = 0; t < TASKS; t++) {
        int at = c * TASKS + t;
        teacher[at] = (float) (t == 0 ? signal : -signal);
        mask[at] = random.nextDouble() < .8 ? 1 : 0;
        boolean positive = random.nextDouble() < 1 / (1 + Math.exp(-teacher[at]));
        labels[at] = positive && mask[at] != 0 ? 1 : 0;
      }
    }
    var requests = new ArrayList<Integer>();
    for (int b = 0; b < REQUESTS; b++) {
      requests.add(b);
    }
    Shape shape = Shape.of(REQUESTS, SLATE, TASKS);
    return new Batch(
        requests,
        Map.of(
            Inputs.CANDIDATE_ITEM, TensorData.longs(Shape.of(REQUESTS, SLATE), items),
            Inputs.CANDIDATE_DENSE, TensorData.floats(Shape.of(REQUESTS, SLATE, FEATURES), dense)),
        TensorData.floats(shape, labels),
        TensorData.floats(shape, mask),
        TensorData.floats(shape, teacher));
  }
}
