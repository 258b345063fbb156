package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import dev.falconer.compressor.pack.LayerGraph.Linear;
import dev.falconer.compressor.pack.LayerGraph.Own;
import dev.falconer.compressor.pack.LayerGraph.Spec;
import dev.falconer.compressor.pack.LayerGraph.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rounding by what rows look like. */
class CalibrationTest {
  private static final long SEED = 17;
  private static final int ROWS = 30;
  private static final int TOKENS = 40;

  @Test
  void tellsTheMeanAndDeviationOfEachFeatureAProductReads() {
    Model model = product();

    Moments moments =
        Calibration.of(model, Stream.of(x(1, 5, 3, 5), x(5, 5)), OrtRunner.factory(1))
            .of("x")
            .orElseThrow();

    assertArrayEquals(new double[] {3, 5}, moments.means(), 1e-12);
    assertArrayEquals(new double[] {Math.sqrt(8 / 3.), 0}, moments.deviations(), 1e-12);
  }

  private static Model product() {
    var graph = new GraphBuilder("product");
    graph.input("x", DType.FLOAT32, "batch", 2);
    String w = graph.constant(TensorData.floats(Shape.of(2, 8), new float[16]));
    graph.named("y", "MatMul", Map.of(), "x", w);
    graph.output("y", DType.FLOAT32, "batch", 8);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  @Test
  void requestsThatGiveNoNumberAreRefused() {
    Model model = product();

    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Calibration.of(model, Stream.of(x(1, Float.NaN)), OrtRunner.factory(1)));

    assertTrue(refusal.getMessage().contains("feature 1 of \"x\""), refusal.getMessage());
  }

  private static Map<String, TensorData> x(float... values) {
    return Map.of("x", TensorData.floats(Shape.of(values.length / 2, 2), values));
  }

  /** Rows, keys and values whose features have means several times their spread. */
  @ParameterizedTest
  @MethodSource("dev.falconer.compressor.pack.BlockPackingTest#forms")
  void layersOfShiftedRowsAreRoundedCloser(Spec spec) {
    Model plain = LayerGraph.model(spec, SEED);
    Calibration calibration = calibrated(plain);

    double before = difference(plain, Packing.of(plain, PackOptions.BYTES_ANYWHERE).model());
    Model packed = Packing.of(plain, PackOptions.BYTES_ANYWHERE, calibration).model();
    double after = difference(plain, packed);

    assertTrue(after < before, spec + ": " + before + " to " + after + ", seed " + SEED);
  }

  /** Rounding attention once more would cost what no product pays for. */
  @Test
  void attentionThatIsAddedAsItIsStaysFloats() {
    Model plain = LayerGraph.model(Spec.USUAL.with(Linear.UNPROJECTED), SEED);

    Packed packed = Packing.of(plain, PackOptions.BYTES_ANYWHERE, calibrated(plain));

    PackReport.Weight out =
        packed.report().nodes().getFirst().weights().stream()
            .filter(weight -> weight.names().getFirst().startsWith("#identity"))
            .findFirst()
            .orElseThrow();
    assertFalse(out.isInt8(), out::toString);
  }

  private static Calibration calibrated(Model plain) {
    Stream<Map<String, TensorData>> feeds =
        IntStream.range(0, 4).mapToObj(i -> shifted(plain, SEED + 1 + i, TOKENS));
    return Calibration.of(plain, feeds, OrtRunner.factory(1));
  }

  private static double difference(Model plain, Model packed) {
    Map<String, TensorData> feeds = shifted(plain, SEED, TOKENS);
    try (Runner a = OrtRunner.open(plain, 1);
        Runner b = OrtRunner.open(packed, 1)) {
      return PackCheck.difference(y(a, feeds), y(b, feeds));
    }
  }

  private static NumericTensor y(Runner runner, Map<String, TensorData> feeds) {
    return (NumericTensor) runner.run(feeds).get("y");
  }

  /** Returns Gaussian feeds, of which each feature has a mean of its own. */
  private static Map<String, TensorData> shifted(Model model, long seed, int tokens) {
    var feeds = new HashMap<>(PackCheck.feeds(model, new Random(seed), ROWS, tokens));
    for (ValueInfo input : model.graph().inputs()) {
      if (input.dtype() == DType.FLOAT32 && !input.name().contains("mask")) {
        var tensor = (NumericTensor) feeds.get(input.name());
        float[] values = tensor.toFloats();
        int last = (int) tensor.shape().dim(-1);
        var means = new Random(SEED + input.name().hashCode());
        float[] mean = new float[last];
        for (int i = 0; i < last; i++) {
          mean[i] = 8 * (float) means.nextGaussian();
        }
        for (int i = 0; i < values.length; i++) {
          values[i] += mean[i % last];
        }
        feeds.put(input.name(), TensorData.floats(tensor.shape(), values));
      }
    }
    return feeds;
  }

  /** Then it attends to 0, whatever the values' mean was. */
  @Test
  void aUserWithoutTokensIsScoredAsThePlainGraphDoes() {
    for (Own own : new Own[] {Own.NONE, Own.BY_SUM}) {
      Model plain = LayerGraph.model(Spec.USUAL.with(own), SEED);
      Model packed = Packing.of(plain, PackOptions.BYTES_ANYWHERE, calibrated(plain)).model();
      Map<String, TensorData> feeds = shifted(plain, SEED, 0);
      try (Runner a = OrtRunner.open(plain, 1);
          Runner b = OrtRunner.open(packed, 1)) {
        double difference = PackCheck.difference(y(a, feeds), y(b, feeds));
        assertTrue(difference < .3, own + ": " + difference + ", seed " + SEED);
      }
    }
  }

  @Test
  void theUserGraphSmoothsWhatItRounds() {
    for (State state : new State[] {State.HEADS_FIRST, State.FLAT, State.TOKENS_FIRST}) {
      Model plain = LayerGraph.model(Spec.USUAL.with(state), SEED);
      Model packed = Packing.of(plain, PackOptions.BYTES_ANYWHERE, calibrated(plain)).model();

      RoundedState rounded = RoundedState.of(packed);

      assertEquals(
          List.of("Sub", "Mul"),
          rounded.tokens().getFirst().before().stream().map(RoundedState.Step::type).toList());
      assertEquals(0, count(rounded.candidate(), "Sub") + count(rounded.candidate(), "Mul"));
      Map<String, TensorData> feeds = shifted(plain, SEED, TOKENS);
      try (Runner user = OrtRunner.open(rounded.user(user(plain, tensors(rounded))), 1);
          Runner before = OrtRunner.open(packed, 1);
          Runner after = OrtRunner.open(rounded.candidate(), 1)) {
        var all = new HashMap<>(feeds);
        var given = new HashMap<String, TensorData>();
        tensors(rounded).forEach(name -> given.put("given." + name, feeds.get(name)));
        all.putAll(user.run(given));
        assertEquals(before.run(feeds), after.run(all), state + ", seed " + SEED);
      }
    }
  }

  /** Then they are smoothed in two ways, for which one rounded tensor has no room. */
  @Test
  void oneTensorThatIsKeysAndValuesGivesTheSameScores() {
    var layer = new LayerGraph(Spec.USUAL, SEED);
    String x = layer.graph.input("x", DType.FLOAT32, 1, "candidates", LayerGraph.WIDTH);
    String tokens = layer.graph.input("tokens", DType.FLOAT32, 1, 1, "history+1", LayerGraph.WIDTH);
    String query = layer.linear("query", x, LayerGraph.WIDTH, LayerGraph.WIDTH);
    String keys = layer.graph.transpose(tokens, 0, 1, 3, 2);
    String scores = layer.graph.matmul(layer.graph.unsqueeze(query, 1), keys);
    String shares = layer.graph.softmax(layer.graph.times(scores, layer.graph.scalar(.1f)));
    String attended = layer.graph.reshape(layer.graph.matmul(shares, tokens), 1, -1, 12);
    String sum = layer.graph.plus(x, layer.linear("out", attended, 12, 12));
    String scale = layer.graph.constant(layer.gaussian(1, 12));
    String shift = layer.graph.constant(layer.gaussian(1, 12));
    Model plain =
        layer.model(
            layer.graph.add(
                "LayerNormalization", Map.of("axis", Attribute.of(-1)), sum, scale, shift));
    Packed packing = Packing.of(plain, PackOptions.BYTES_ANYWHERE, calibrated(plain));
    assertEquals(1, packing.report().count("CandidateBlock"), packing.report()::toString);
    Model packed = packing.model();

    RoundedState rounded = RoundedState.of(packed);

    assertSame(packed, rounded.candidate());
    assertTrue(difference(plain, packed) < .3, "seed " + SEED);
  }

  private static List<String> tensors(RoundedState rounded) {
    return rounded.tokens().stream().map(RoundedState.Tokens::state).toList();
  }

  /** Returns a user graph that gives tensors as it gets them. */
  private static Model user(Model candidate, List<String> tensors) {
    var graph = new GraphBuilder("user");
    for (ValueInfo input : candidate.graph().inputs()) {
      if (tensors.contains(input.name())) {
        Object[] dims =
            Objects.requireNonNull(input.dims()).stream()
                .map(dim ->
                    switch (dim) {
                      case Dim.Fixed(long length) -> (Object) length;
                      case Dim.Symbol(String name) -> name;
                      case Dim.Unknown _ -> "n";
                    })
                .toArray();
        String given = graph.input("given." + input.name(), DType.FLOAT32, dims);
        graph.named(input.name(), "Identity", Map.of(), given);
        graph.output(input.name(), DType.FLOAT32, dims);
      }
    }
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static long count(Model model, String type) {
    return model.graph().nodes().stream().filter(node -> node.is(type)).count();
  }
}
