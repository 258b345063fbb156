package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.calibrate.Histogram;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.RealModels;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.quantize.PackedWeights.OnGrid;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rewritten models by others still run in ONNX Runtime, and give nearly their outputs. */
class RealModelRewritesTest {
  private static final String MODELS = "dev.falconer.compressor.fixture.RealModels#runnable";

  @ParameterizedTest
  @MethodSource(MODELS)
  void everyLayerAsItselfAndNothing(String name) throws IOException {
    Model model = RealModels.read(name);
    Map<LinearLayer, LowRankBranch.Parts> parts = new HashMap<>();
    var random = new Random(8);
    for (LinearLayer layer : layers(model)) {
      // W = (W - BA) + BA.
      var lowRank =
          new LowRank(
              RewriteFixture.gaussian(random, layer.out(), 1),
              RewriteFixture.gaussian(random, 1, layer.in()));
      Matrix sparse = layer.read(model.graph()).minus(lowRank.product());
      parts.put(layer, new LowRankBranch.Parts(sparse, lowRank));
    }

    assertClose(1e-3, model, LowRankBranch.apply(model, parts));
  }

  @ParameterizedTest
  @MethodSource(MODELS)
  void productsInPackedBytes(String name) throws IOException {
    Model model = RealModels.read(name);
    Map<LinearLayer, OnGrid> weights = new HashMap<>();
    for (LinearLayer layer : layers(model)) {
      Matrix weight = layer.read(model.graph());
      Grid grid = GridFit.perOutput(8).grid(weight);
      assertEquals(
          layer.isConv(), PackedWeights.reasonAgainst(model.graph(), layer, grid).isPresent());
      if (!layer.isConv()) {
        weights.put(layer, new OnGrid(grid.rounded(weight), grid));
      }
    }

    Model packed = new PackedWeights(PackedWeights.Arithmetic.FLOAT).apply(model, weights);

    assertClose(.02, model, packed);
    assertEquals(0, packed.graph().nodes().stream().filter(n -> n.is("Gemm")).count());
  }

  @ParameterizedTest
  @MethodSource(MODELS)
  void productsInBytes(String name) throws IOException {
    Model model = RealModels.read(name);
    List<LinearLayer> layers = layers(model);
    Map<String, TensorData> values = tapped(model, layers);

    Int8.Result result =
        new Int8(new ActivationRange.Percentile(1))
            .apply(
                model,
                layers,
                tap -> Histogram.of(((NumericTensor) values.get(tap.input())).toFloats()));

    assertEquals(layers.size(), result.layers().size() + result.skipped().size());
    assertClose(.1, model, result.model());
  }

  @ParameterizedTest
  @MethodSource(MODELS)
  void tablesInHalves(String name) throws IOException {
    Model model = RealModels.read(name);

    assertClose(1e-3, model, new HalfTables(1).apply(model).model());
  }

  private static List<LinearLayer> layers(Model model) {
    Set<String> inputs =
        model.graph().inputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
    return LinearLayers.find(model.graph(), inputs).layers();
  }

  private static Map<String, TensorData> tapped(Model model, List<LinearLayer> layers) {
    Graph graph = model.graph();
    Map<String, TensorData> values = new HashMap<>(RealModels.feeds(graph));
    List<ValueInfo> outputs =
        layers.stream()
            .flatMap(layer -> layer.taps().stream())
            .map(Tap::input)
            .filter(input -> !values.containsKey(input))
            .distinct()
            .map(input -> new ValueInfo(input, DType.FLOAT32, null))
            .toList();
    Graph tapped =
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes());
    try (Runner runner = OrtRunner.factory(1).open(model.withGraph(tapped))) {
      values.putAll(runner.run(RealModels.feeds(graph)));
    }
    return values;
  }

  private static void assertClose(double tolerance, Model before, Model after) {
    double error = RewriteFixture.relativeError(run(before), run(after));
    assertTrue(error <= tolerance, "relative error " + error);
  }

  private static double[] run(Model model) {
    try (Runner runner = OrtRunner.factory(1).open(model)) {
      String output = model.graph().outputs().getFirst().name();
      return ((NumericTensor) runner.run(RealModels.feeds(model.graph())).get(output)).toDoubles();
    }
  }
}
