package dev.falconer.compressor.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.calibrate.Calibrator;
import dev.falconer.compressor.calibrate.Histogram;
import dev.falconer.compressor.calibrate.LayerStatistics;
import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.data.Batches;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.TinyFeed;
import dev.falconer.compressor.fixture.LinearModels;
import dev.falconer.compressor.fixture.LinearModels.Case;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.solver.Grid;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.GridFit.Search;
import dev.falconer.compressor.solver.GridFit.Symmetry;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.Wanda;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class Int8Test {
  private static final Examples EXAMPLES = TinyFeed.examples();
  private static final ActivationRange RANGE = new ActivationRange.LeastSquares();

  @ParameterizedTest
  @EnumSource(Fusion.class)
  void scoresStayCloseToTheFloatModels(Fusion fusion) {
    Model model = TinyFeed.ranker(EXAMPLES, fusion);
    Int8.Result result = quantized(model);

    double squares = 0;
    double variance = 0;
    try (Runner plain = OrtRunner.factory(1).open(model);
        Runner int8 = OrtRunner.factory(1).open(result.model())) {
      for (Batch batch : TinyFeed.batches(EXAMPLES)) {
        float[] wanted = logits(plain, batch.inputs());
        float[] got = logits(int8, batch.inputs());
        double mean =
            IntStream.range(0, wanted.length).mapToDouble(i -> wanted[i]).average().orElse(0);
        for (int i = 0; i < wanted.length; i++) {
          squares += (wanted[i] - got[i]) * (wanted[i] - got[i]);
          variance += (wanted[i] - mean) * (wanted[i] - mean);
        }
      }
    }
    double relative = Math.sqrt(squares / variance);
    assertTrue(relative < .1, fusion + ": rms error " + relative + " of the logits' deviation");
    assertTrue(relative > 1e-5, fusion + ": nothing was quantised");
  }

  @ParameterizedTest
  @EnumSource(CandidateSelf.class)
  void aCandidatesScoreIsTheSameBitsInAnyCompany(CandidateSelf self) {
    Model model = quantized(TinyFeed.ranker(EXAMPLES, Fusion.APPEND, self)).model();
    Map<String, TensorData> request =
        Batches.of(EXAMPLES.all(), dev.falconer.compressor.data.BatchPlan.evaluation(1, 12))
            .get(5)
            .inputs();
    int m = (int) request.get(Inputs.CANDIDATE_ITEM).shape().dim(1);
    try (Runner runner = OrtRunner.factory(1).open(model)) {
      float[] together = logits(runner, request);
      int tasks = together.length / m;
      for (int candidate = 0; candidate < m; candidate++) {
        float[] alone = logits(runner, company(request, candidate));
        // A huge neighbour must not move the grid.
        Map<String, TensorData> huge = new HashMap<>(company(request, candidate, candidate));
        if (huge.get(Inputs.CANDIDATE_DENSE) instanceof NumericTensor dense) {
          float[] values = dense.toFloats();
          Arrays.fill(values, values.length / 2, values.length, 1e6f);
          huge.put(Inputs.CANDIDATE_DENSE, TensorData.floats(dense.shape(), values));
        }
        float[] besideHuge = Arrays.copyOf(logits(runner, huge), tasks);
        float[] wanted = Arrays.copyOfRange(together, candidate * tasks, (candidate + 1) * tasks);
        assertArrayEquals(alone, besideHuge, EXACT, "beside a huge neighbour");
        assertArrayEquals(alone, wanted, EXACT, "candidate " + candidate);
      }
    }
  }

  /** Float operators round differently by the number of rows; an integer step would be 1e-3. */
  private static final float EXACT = 2e-6f;

  @Test
  void integerProductsAreTheHandComputedOnes() {
    Graph graph =
        new Graph(
            "g",
            List.of(ValueInfo.of("x", DType.FLOAT32, "rows", 2)),
            List.of(ValueInfo.of("y", DType.FLOAT32, "rows", 8)),
            Map.of(
                "w",
                TensorData.floats(
                    Shape.of(2, 8), 63, 0, 1, 2, 3, 4, 5, 126, -63, 63, 0, 2, -3, 1, 63, 2)),
            List.of(Node.of("n", "MatMul", List.of("x", "w"), List.of("y"), Map.of())));
    Model model =
        new Model(
            graph,
            Model.IR_VERSION,
            Map.of("", 20L),
            Map.of("falconer.roles", "{\"x\": \"CANDIDATE\"}"));
    // A grid of step 1 from -100 to 155.
    Batch batch = rows(-100, 155, 3, 2);
    Int8.Result result =
        new Int8(new ActivationRange.Percentile(1))
            .apply(
                model,
                Calibrator.run(
                    model, LinearLayers.of(model), List.of(batch), OrtRunner.factory(1)));

    assertEquals(1, result.share());
    try (Runner runner = OrtRunner.factory(1).open(result.model())) {
      float[] y =
          ((NumericTensor)
                  runner.run(Map.of("x", TensorData.floats(Shape.of(1, 2), 5.4f, 1000))).get("y"))
              .toFloats();
      // 5.4 becomes 5, 1000 is clipped to 155.
      assertEquals(5 * 63 - 155 * 63, y[0], 1e-3);
      assertEquals(155 * 63, y[1], 1e-3);
      assertEquals(5, y[2], 1e-5);
      assertEquals(5 * 2 + 155 * 2, y[3], 1e-3);
      assertEquals(5 * 126 + 155 * 2, y[7], 1e-3);
    }
  }

  @Test
  void prunedWeightsStayZeroAndAllLevelsAreSevenBit() {
    Model model = TinyFeed.ranker(EXAMPLES, Fusion.APPEND);
    List<LinearLayer> layers = LinearLayers.of(model);
    Calibrator calibrator = calibrated(model);
    Map<LinearLayer, Matrix> sparse = new HashMap<>();
    for (LinearLayer layer : layers) {
      LayerStatistics statistics = calibrator.of(layer);
      sparse.put(
          layer,
          new Wanda()
              .solve(
                  new LayerProblem(
                      layer.read(model.graph()), statistics.gram(), new Pattern.NofM(2, 4)))
              .weight());
    }
    Model pruned = model.withGraph(LinearLayer.written(model.graph(), sparse));

    Graph graph = new Int8(RANGE).apply(pruned, calibrated(pruned)).model().graph();

    int checked = 0;
    for (LinearLayer layer : layers) {
      if (graph.initializers().get(layer.weight() + ".int8") instanceof NumericTensor levels) {
        Matrix weight = sparse.get(layer);
        var scales = (NumericTensor) graph.initializers().get(layer.weight() + ".int8.scale");
        for (int o = 0; o < layer.out(); o++) {
          for (int i = 0; i < layer.in(); i++) {
            long level = levels.longAt((long) i * layer.out() + o);
            assertTrue(Math.abs(level) <= Int8.LEVELS, layer.weight() + " level " + level);
            assertTrue(weight.at(o, i) != 0 || level == 0, layer.weight() + ": a zero moved");
            assertEquals(
                weight.at(o, i), level * scales.at(o), .5001 * scales.at(o), "half a step at most");
          }
        }
        checked++;
      }
    }
    assertTrue(checked >= 8, checked + " layers in int8");
  }

  @Test
  void onlyTheCandidateSideChangesAndSmallLayersStay() {
    Model model = TinyFeed.ranker(EXAMPLES, Fusion.APPEND);

    Int8.Result result = quantized(model);

    Graph graph = result.model().graph();
    // The user's side still reads the shared weight in float.
    assertTrue(graph.initializers().containsKey("layer0.ffn.in.weight"));
    assertTrue(graph.initializers().containsKey("layer0.ffn.in.weight.int8"));
    assertFalse(graph.initializers().containsKey("head.mlp0.weight"), "read by nobody any more");
    assertEquals(List.of("head.out.weight"), result.skipped(), "3 tasks are fewer than 8 outputs");
    assertTrue(result.share() > .9 && result.share() < 1, "share " + result.share());
    assertTrue(
        graph.nodes().stream().noneMatch(node -> node.type().equals("DynamicQuantizeLinear")));
    var names = new HashSet<String>();
    assertTrue(graph.nodes().stream().allMatch(node -> names.add(node.name())), "names are unique");
    assertArrayEquals(
        OnnxWriter.toBytes(result.model()), OnnxWriter.toBytes(quantized(model).model()));
  }

  static List<Case> products() {
    return LinearModels.products();
  }

  @ParameterizedTest
  @MethodSource("products")
  void anyModelsProductsInSevenAndEightBits(Case each) {
    LinearLayer layer = RewriteFixture.layer(each);
    Optional<String> reason = Int8.reasonAgainst(each.model(), layer);
    boolean isOther = each.name().equals("FusedMatMul, transA") || each.name().endsWith("doubles");
    assertEquals(isOther, reason.isPresent(), reason.orElse(""));
    if (isOther) {
      return;
    }
    double[] wanted = RewriteFixture.run(each.model(), each.feeds());
    double seven = error(each, layer, new Int8(RANGE), wanted);
    double eight = error(each, layer, new Int8(RANGE, Int8.FULL), wanted);
    assertTrue(eight < seven && seven < .04, "7 bits: " + seven + ", 8 bits: " + eight);
    assertTrue(eight > 1e-4, "nothing was quantised");
  }

  private static double error(Case each, LinearLayer layer, Int8 int8, double[] wanted) {
    Int8.Result result = int8.apply(each.model(), List.of(layer), tap -> values(each, tap));
    assertEquals(List.of("w"), result.layers());
    assertEquals(
        layer.taps().size(),
        result.model().graph().nodes().stream().filter(node -> node.is("MatMulInteger")).count());
    return RewriteFixture.relativeError(wanted, RewriteFixture.run(result.model(), each.feeds()));
  }

  /** Returns what a tap reads. */
  private static Histogram values(Case each, LinearLayer.Tap tap) {
    if (each.feeds().get(tap.input()) instanceof NumericTensor fed) {
      return Histogram.of(fed.toFloats());
    }
    Graph graph = each.graph();
    var output = new ValueInfo(tap.input(), DType.FLOAT32, null);
    Graph tapped =
        new Graph("g", graph.inputs(), List.of(output), graph.initializers(), graph.nodes());
    try (Runner runner = OrtRunner.factory(1).open(each.model().withGraph(tapped))) {
      return Histogram.of(((NumericTensor) runner.run(each.feeds()).get(tap.input())).toFloats());
    }
  }

  @Test
  void anOldModelIsRaisedUnlessItsNodesWouldMeanSomethingElse() {
    Case each = LinearModels.products().getFirst();
    LinearLayer layer = RewriteFixture.layer(each);
    Graph graph = each.graph();
    Model old = new Model(graph, 4, Map.of("", 8L), Map.of());

    Model raised = new Int8(RANGE).apply(old, List.of(layer), tap -> values(each, tap)).model();
    assertEquals(10, raised.opset());
    double error =
        RewriteFixture.relativeError(
            RewriteFixture.run(old, each.feeds()), RewriteFixture.run(raised, each.feeds()));
    assertTrue(error < .04, "relative error " + error);

    var nodes = new ArrayList<>(graph.nodes());
    nodes.add(Node.of("cut", "Slice", List.of("y"), List.of("z"), Map.of()));
    Graph cut =
        new Graph(
            "g",
            graph.inputs(),
            List.of(new ValueInfo("z", DType.FLOAT32, null)),
            graph.initializers(),
            nodes);
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Int8(RANGE)
                    .apply(old.withGraph(cut), List.of(layer), tap -> values(each, tap)));
    assertTrue(String.valueOf(refusal.getMessage()).contains("\"cut\" (Slice)"));
  }

  @Test
  void aWeightOnAGridKeepsItsCodes() {
    Case each = LinearModels.products().getFirst();
    LinearLayer layer = RewriteFixture.layer(each);
    Matrix weight = layer.read(each.graph());
    Grid grid = new GridFit(7, 0, Symmetry.SYMMETRIC, Search.MSE).grid(weight);
    Model onGrid = RewriteFixture.written(each, layer, grid.rounded(weight));

    List<UInt8Grid> values =
        layer.taps().stream().map(tap -> RANGE.grid(values(each, tap))).toList();

    Graph graph = Int8.written(onGrid, Map.of(layer, new Int8.Integers(grid, values))).graph();

    var levels = (NumericTensor) graph.initializers().get("w.int8");
    var scales = (NumericTensor) graph.initializers().get("w.int8.scale");
    for (int o = 0; o < layer.out(); o++) {
      assertEquals(grid.scale(o, 0), scales.at(o));
      for (int i = 0; i < layer.in(); i++) {
        assertEquals(grid.code(o, i, weight.at(o, i)) - 64, levels.at((long) i * layer.out() + o));
      }
    }
    Grid uneven = GridFit.perOutput(8).grid(weight);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Int8.written(onGrid, Map.of(layer, new Int8.Integers(uneven, values))));
    assertTrue(String.valueOf(error.getMessage()).contains("\"w\" [10, 64] needs a symmetric"));
  }

  private static Batch rows(int from, int to, int step, int width) {
    int rows = (to - from) / step + 1;
    var x = new float[rows * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = i < rows * width - width ? from + (i / width) * step : to;
    }
    var ones = new float[rows];
    Arrays.fill(ones, 1);
    return new Batch(
        IntStream.range(0, rows).boxed().toList(),
        Map.of("x", TensorData.floats(Shape.of(rows, width), x)),
        TensorData.floats(Shape.of(rows, 1, 1), ones),
        TensorData.floats(Shape.of(rows, 1, 1), ones),
        TensorData.floats(Shape.of(0)));
  }

  private static Int8.Result quantized(Model model) {
    return new Int8(RANGE).apply(model, calibrated(model));
  }

  private static Calibrator calibrated(Model model) {
    return Calibrator.run(
        model, LinearLayers.of(model), TinyFeed.batches(EXAMPLES), OrtRunner.factory(1));
  }

  private static Map<String, TensorData> company(
      Map<String, TensorData> request, int... candidates) {
    var feeds = new HashMap<>(request);
    feeds.replaceAll((name, value) ->
        name.startsWith("candidate") ? TinyFeed.sliced(value, 1, candidates) : value);
    return feeds;
  }

  private static float[] logits(Runner runner, Map<String, TensorData> feeds) {
    return ((NumericTensor) runner.run(feeds).get(Inputs.LOGITS)).toFloats();
  }
}
