package dev.falconer.compressor.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The rankers that zoo builds: derivatives against differences, values against ONNX Runtime. */
class RankerGraphTest {
  private static final double DERIVATIVES = 1e-6;
  private static final double VALUES = 1e-5;
  private static final int USERS = 3;
  private static final int EVENTS = 6;
  private static final int SLATE = 4;
  private static final int TASKS = 2;

  private static RankerConfig config(Fusion fusion, HistoryMask mask, CandidateSelf self) {
    return new RankerConfig(
        fusion, mask, self, 8, 2, 2, 10, 2, 1, List.of(8), List.of("a", "b"), 3, 2, 4, 1, 2);
  }

  private static Vocabulary vocabulary() {
    return new Vocabulary(List.of(3L, 5L, 8L, 13L, 21L), List.of(), List.of(1, 2, 3, 4, 0));
  }

  private static Map<String, TensorData> feeds(Model model, long seed) {
    var random = new SplittableRandom(seed);
    long[] ids = {3, 5, 8, 13, 21, 99};
    var feeds = new LinkedHashMap<String, TensorData>();
    feeds.put(Inputs.HISTORY_ITEM, picks(random, ids, USERS, EVENTS));
    feeds.put(Inputs.HISTORY_ACTION, picks(random, new long[] {0, 1, 2, 3, 7}, USERS, EVENTS));
    feeds.put(Inputs.HISTORY_SURFACE, picks(random, new long[] {0, 1, 2}, USERS, EVENTS));
    feeds.put(Inputs.HISTORY_LENGTH, TensorData.vector(EVENTS, 0, 2));
    feeds.put(Inputs.CANDIDATE_ITEM, picks(random, ids, USERS, SLATE));
    feeds.put(Inputs.CANDIDATE_DENSE, reals(random, USERS, SLATE, 1));
    feeds.put(Inputs.CONTEXT_SURFACE, picks(random, new long[] {0, 1, 2}, USERS));
    feeds.put(Inputs.CONTEXT_DENSE, reals(random, USERS, 2));
    feeds
        .keySet()
        .removeIf(
            name -> model.graph().inputs().stream().noneMatch(input -> input.name().equals(name)));
    return feeds;
  }

  private static TensorData picks(SplittableRandom random, long[] from, long... dims) {
    Shape shape = Shape.of(dims);
    return TensorData.longs(
        shape, random.ints(shape.size(), 0, from.length).mapToLong(i -> from[i]).toArray());
  }

  private static TensorData reals(SplittableRandom random, long... dims) {
    var values = new float[Math.toIntExact(Shape.of(dims).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return TensorData.floats(Shape.of(dims), values);
  }

  private static List<Model> rankers() {
    return List.of(
        Rankers.build(
            config(Fusion.APPEND, HistoryMask.CAUSAL, CandidateSelf.NONE), vocabulary(), 1),
        Rankers.build(config(Fusion.APPEND, HistoryMask.FULL, CandidateSelf.OWN), vocabulary(), 2),
        Rankers.build(
            config(Fusion.CONCAT, HistoryMask.CAUSAL, CandidateSelf.NONE), vocabulary(), 3),
        Rankers.build(
            config(Fusion.NONE, HistoryMask.CAUSAL, CandidateSelf.NONE), vocabulary(), 4));
  }

  private static Tensor loss(Values values, NumericTensor labels) {
    Tensor logits = values.get(Inputs.LOGITS);
    return torch.binary_cross_entropy_with_logits(
        logits,
        Tensors.over(labels).to(logits.scalar_type()),
        new TensorOptional(),
        new TensorOptional(),
        1);
  }

  @Test
  void derivativesOfTheLossEqualCentralDifferences() {
    var labels = new float[USERS * SLATE * TASKS];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3 == 0 ? 1 : 0;
    }
    NumericTensor target = TensorData.floats(Shape.of(USERS, SLATE, TASKS), labels);
    for (Model model : rankers()) {
      for (boolean twice : new boolean[] {false, true}) {
        var options = new TorchOptions(true, Long.MAX_VALUE, twice);
        try (var graph = TorchGraph.of(model, options)) {
          double error =
              Derivatives.error(
                  graph, feeds(model, 5), Set.of(Inputs.LOGITS), values -> loss(values, target), 6);

          assertTrue(
              error <= DERIVATIVES,
              error + " for " + model.metadata().get(Rankers.CONFIG) + ", seeds 5 and 6");
        }
      }
    }
  }

  @Test
  void valuesEqualOnnxRuntimes() {
    for (Model model : rankers()) {
      for (boolean twice : new boolean[] {false, true}) {
        try (var graph = TorchGraph.of(model, new TorchOptions(false, Long.MAX_VALUE, twice));
            var runner = OrtRunner.open(model, 1);
            var _ = new PointerScope()) {
          Map<String, TensorData> feeds = feeds(model, 7);
          float[] wanted = ((NumericTensor) runner.run(feeds).get(Inputs.LOGITS)).toFloats();

          float[] got = graph.infer(feeds, Set.of(Inputs.LOGITS)).copy(Inputs.LOGITS).toFloats();

          assertEquals(wanted.length, got.length);
          for (int i = 0; i < wanted.length; i++) {
            assertEquals(
                wanted[i],
                got[i],
                VALUES * Math.max(1, Math.abs(wanted[i])),
                model.metadata().get(Rankers.CONFIG));
          }
        }
      }
    }
  }
}
