package dev.falconer.compressor.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Falconer's own rankers lose heads and neurons in every layer at once. */
class RankerRemovalTest {
  private static final int LAYERS = 2;

  @ParameterizedTest
  @EnumSource(CandidateSelf.class)
  void headsAndNeurons(CandidateSelf self) {
    Model model = ranker(self);
    RemovalSearch search = CutCheck.search(model, feed(model, 6, 3, 1));
    Map<Removal, List<Integer>> kept = new LinkedHashMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "layer" + layer;
      Removal heads = search.of(CutCheck.layer(model, name + ".attention.output.weight"));
      Removal neurons = search.of(CutCheck.layer(model, name + ".ffn.out.weight"));
      assertEquals("2 of 4 heads", heads.text(2));
      assertEquals("5 of 16 neurons", neurons.text(5));
      kept.put(heads, List.of(0, 3));
      kept.put(neurons, CutCheck.chosen(16, layer));
    }

    for (int candidates : new int[] {1, 4}) {
      CutCheck.assertCutIsZeroed(
          model, kept, feed(model, 9, candidates, 2), self + ", " + candidates + " candidates");
    }
  }

  private static Model ranker(CandidateSelf self) {
    var config =
        new RankerConfig(
            Fusion.APPEND,
            HistoryMask.CAUSAL,
            self,
            8,
            LAYERS,
            4,
            10,
            2,
            1,
            List.of(6),
            List.of("click", "like"),
            3,
            0,
            0,
            3,
            2);
    return Rankers.build(
        config, new Vocabulary(List.of(100L, 101L, 102L), List.of(), List.of()), 11);
  }

  private static Map<String, TensorData> feed(Model model, int events, int candidates, long seed) {
    var random = new Random(seed);
    var feed = new LinkedHashMap<String, TensorData>();
    for (ValueInfo input : model.graph().inputs()) {
      boolean isHistory = input.name().startsWith("history");
      List<ValueInfo.Dim> axes = Objects.requireNonNull(input.dims());
      var dims = new long[axes.size()];
      for (int i = 0; i < dims.length; i++) {
        long open = i == 0 ? 1 : isHistory ? events : candidates;
        dims[i] = axes.get(i) instanceof ValueInfo.Dim.Fixed(long length) ? length : open;
      }
      feed.put(
          input.name(),
          input.name().equals(Inputs.HISTORY_LENGTH)
              ? TensorData.vector(events)
              : input.dtype() == DType.FLOAT32
                  ? LinearModels.gaussian(random, dims)
                  : TensorData.longs(
                      Shape.of(dims), random.longs(Shape.of(dims).size(), 100, 103).toArray()));
    }
    return feed;
  }
}
