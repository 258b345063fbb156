package dev.falconer.compressor.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.compressor.pipeline.CompressionPlan.Choice;
import dev.falconer.compressor.split.RequestMaker;
import dev.falconer.compressor.zoo.RowWiseRanker;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ServedGraphTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final long SEED = 4;
  private static final int CANDIDATES = 19;

  /** Sums in another order. */
  private static final double ROUNDING = 1e-5;

  private static final Model RANKER = ranker();
  private static final ServedGraph SERVED = served(RANKER);

  private static Model ranker() {
    Model plain = RowWiseRanker.DIN.build(SEED);
    Map<String, Role> roles = RowWiseRanker.roles().byInput();
    String json =
        roles.entrySet().stream()
            .map(each -> "\"%s\":\"%s\"".formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    return plain.withMetadata(Map.of(Roles.METADATA, json));
  }

  private static ServedGraph served(Model model) {
    return ServedGraph.of(model, CANDIDATES, Map.of("x", DeepNetwork.inputs(8, SEED)), RUNNERS);
  }

  private static Map<LinearLayer, Treatment> treated(Model model, String keys) {
    LayerChoices choices =
        LayerChoices.of(
            PlanFile.parse(
                "layers: [{match: 'out*', keep: dense}, {match: '*', %s}]".formatted(keys),
                "test",
                Constants.OWN),
            model,
            LinearLayers.find(model.graph(), Set.of()).layers());
    var treated = new LinkedHashMap<LinearLayer, Treatment>();
    for (Map.Entry<LinearLayer, List<Choice>> entry : choices.layers().entrySet()) {
      entry.getValue().getFirst().treatment().ifPresent(each -> treated.put(entry.getKey(), each));
    }
    return treated;
  }

  @Test
  void aModelThatSaysWhoseItsInputsAreIsServedByItsCandidateGraph() {
    assertTrue(SERVED.what().startsWith("the candidate graph, 19 candidates over"), SERVED.what());
    assertNotEquals(RANKER.graph(), SERVED.dense().graph());
    assertEquals(CANDIDATES, scores(SERVED.dense(), SERVED).length);
    Map<String, List<LinearLayer>> parts = SERVED.parts(SERVED.dense());
    assertEquals(
        2, parts.getOrDefault("attention0.weight", List.of()).size(), "two parts are candidates'");
    for (LinearLayer layer : LinearLayers.find(RANKER.graph(), Set.of()).layers()) {
      assertTrue(parts.containsKey(layer.weight()), layer.weight() + " among " + parts.keySet());
    }
  }

  @Test
  void kernelsGiveTheScoresOfTheGraphWithTheSameZeros() {
    for (String pattern : List.of("panel16@0.25", "4:8", "0%")) {
      Map<LinearLayer, Treatment> treated = treated(RANKER, "pattern: '" + pattern + "'");
      Model pruned = ServedGraph.standIn(RANKER, treated);
      Model packed = SERVED.packed(pruned, Map.of());

      long nodes =
          packed.graph().nodes().stream().filter(n -> n.domain().equals("dev.falconer")).count();
      assertTrue(nodes >= 2, pattern + ": " + nodes + " nodes");
      float[] wanted = scores(served(pruned).dense(), SERVED);
      float[] got = scores(packed, SERVED);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], got[i], ROUNDING, pattern + ", candidate " + i + ", seed " + SEED);
      }
    }
  }

  @Test
  void theHalvesScoreTheWholesBatches() {
    Map<String, TensorData> batch = batch();
    float[] wanted;
    try (Runner whole = RUNNERS.open(RANKER)) {
      wanted = ((NumericTensor) whole.run(batch).get("score")).toFloats();
    }

    for (boolean isInt8 : new boolean[] {false, true}) {
      Map<String, Precision> types =
          Map.of("mlp352x200.weight", isInt8 ? Precision.INT8 : Precision.FLOAT32);
      try (Runner served = SERVED.served(RANKER, types)) {
        float[] got = ((NumericTensor) served.run(batch).get("score")).toFloats();

        double most = 0;
        for (int i = 0; i < wanted.length; i++) {
          most = Math.max(most, Math.abs(wanted[i] - got[i]));
        }
        String what = "int8 " + isInt8 + ", seed " + SEED + ": off by " + most;
        assertTrue(isInt8 ? most > 1e-6 && most < .05 : most < ROUNDING, what);
      }
    }
  }

  /** Three users' requests, a row per candidate. */
  private static Map<String, TensorData> batch() {
    var maker =
        new RequestMaker(
            RANKER.graph(), Roles.of(RANKER), Layout.of(RANKER.graph(), Roles.of(RANKER)));
    var random = new Random(SEED);
    var batch = new HashMap<String, TensorData>();
    for (int candidates : new int[] {3, 1, 5}) {
      maker
          .make(candidates, 100, random)
          .forEach((name, tensor) -> {
            TensorData rows =
                tensor.shape().dim(0) == candidates && Roles.of(RANKER).of(name) == Role.CANDIDATE
                    ? tensor
                    : Tensors.repeat(tensor, candidates);
            batch.merge(name, rows, ServedGraphTest::joined);
          });
    }
    return batch;
  }

  private static TensorData joined(TensorData one, TensorData other) {
    var above = (NumericTensor) one;
    var below = (NumericTensor) other;
    long[] dims = above.shape().dims();
    dims[0] += below.shape().dim(0);
    NumericTensor all = NumericTensor.allocate(above.dtype(), Shape.of(dims));
    all.bytes().asSlice(0, above.bytes().byteSize()).copyFrom(above.bytes());
    all.bytes().asSlice(above.bytes().byteSize()).copyFrom(below.bytes());
    return all;
  }

  @Test
  void aModelThatSaysNothingIsServedWhole() {
    Model model = DeepNetwork.model(SEED);

    ServedGraph served = served(model);

    assertEquals(model, served.dense());
    assertTrue(served.what().startsWith("the whole model"), served.what());
    assertEquals(8, ((NumericTensor) served.feeds().get("x")).shape().dim(0));
    assertEquals(Set.of("w0", "w1", "w2", "w3", "head"), served.parts(served.dense()).keySet());
  }

  @Test
  void layersOfTheUsersSideCostNothing() {
    LayerChoices choices =
        LayerChoices.of(
                PlanFile.parse(
                    "layers: [{match: 'mlp*', options: [{keep: dense}, {pattern: '4:8'}]}]",
                    "test",
                    Constants.OWN),
                RANKER,
                LinearLayers.find(RANKER.graph(), Set.of()).layers())
            .forKernels();
    ServedGraph without =
        new ServedGraph(
            DeepNetwork.model(SEED),
            Map.of("x", DeepNetwork.inputs(8, SEED)),
            "",
            SERVED.splitter(),
            RUNNERS);
    // A clock that moves by the same time at every look.
    long[] now = {0};

    assertEquals(
        List.of(List.of(0L, 0L), List.of(0L, 0L)),
        LayerCosts.kernels(choices, SERVED, () -> now[0] += 1000, _ -> {}));
    assertEquals(
        List.of(List.of(0L, 0L), List.of(0L, 0L)),
        LayerCosts.kernels(
            choices,
            without,
            () -> {
              throw new AssertionError("nothing is timed");
            },
            _ -> {}));
  }

  private static float[] scores(Model graph, ServedGraph served) {
    try (Runner runner = RUNNERS.open(graph)) {
      Map<String, TensorData> outputs = runner.run(served.feeds());
      return ((NumericTensor) outputs.values().iterator().next()).toFloats();
    }
  }
}
