package dev.falconer.compressor.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.calibrate.PairedCalibration;
import dev.falconer.compressor.calibrate.PairedStatistics;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.evaluate.OutputError;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pipeline.LayerwiseCompression.State;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerwiseCompressionTest {
  private static final int SEED = 11;
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final Model DENSE = DeepNetwork.model(SEED);
  private static final List<LinearLayer> LAYERS = LinearLayers.of(DENSE.graph(), Set.of());
  private static final List<Map<String, TensorData>> EXAMPLES =
      List.of(
          Map.of("x", DeepNetwork.inputs(300, SEED)),
          Map.of("x", DeepNetwork.inputs(200, SEED + 1)));

  @TempDir Path folder;

  @Test
  void statisticsAreOfBothNetworks() {
    LinearLayer second = LAYERS.get(1);
    Model current =
        DENSE.withGraph(
            LinearLayer.written(
                DENSE.graph(), Map.of(LAYERS.getFirst(), LAYERS.get(2).read(DENSE.graph()))));

    PairedStatistics seen =
        new PairedCalibration(DENSE, RUNNERS).run(current, List.of(second), EXAMPLES).get(second);

    assertEquals(500, seen.rows());
    double gram = 0;
    double cross = 0;
    double dense = 0;
    for (Map<String, TensorData> example : EXAMPLES) {
      float[] after = read(current, example);
      float[] before = read(DENSE, example);
      for (int row = 0; row < after.length / DeepNetwork.WIDTH; row++) {
        int at = row * DeepNetwork.WIDTH;
        gram += (double) after[at + 3] * after[at + 5];
        cross += (double) after[at + 3] * before[at + 5];
        dense += (double) before[at + 3] * before[at + 5];
      }
    }
    assertEquals(gram, seen.gram().at(3, 5), 1e-6 * Math.abs(gram));
    assertEquals(cross, seen.cross().at(3, 5), 1e-6 * Math.abs(cross));
    assertEquals(dense, seen.dense().at(3, 5), 1e-6 * Math.abs(dense));
  }

  /** What the second layer reads: the first one's outputs that are above 0. */
  private static float[] read(Model model, Map<String, TensorData> example) {
    float[] x = ((NumericTensor) example.get("x")).toFloats();
    float[] w = ((NumericTensor) model.graph().initializers().get("w0")).toFloats();
    int width = DeepNetwork.WIDTH;
    var y = new float[x.length];
    for (int row = 0; row < x.length / width; row++) {
      for (int o = 0; o < width; o++) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
          sum += (double) x[row * width + i] * w[i * width + o];
        }
        y[row * width + o] = (float) Math.max(0, sum);
      }
    }
    return y;
  }

  @Test
  void laterLayersMakeUpForEarlierOnes() {
    double gain = 1;
    for (long seed = 1; seed <= 4; seed++) {
      Model dense = DeepNetwork.model(seed);
      var examples = new ArrayList<Map<String, TensorData>>();
      for (int i = 0; i < 8; i++) {
        examples.add(Map.of("x", DeepNetwork.inputs(256, 1000 * seed + i)));
      }
      gain *= error(dense, "symmetric", examples) / error(dense, "asymmetric", examples);
    }

    assertTrue(gain > 1.5, "seeds 1 to 4: product of the ratios " + gain);
  }

  private static double error(Model dense, String targets, List<Map<String, TensorData>> examples) {
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse(
                "targets: " + targets + "\nlayers: [{match: 'w*', pattern: '2:4'}]",
                "test",
                Constants.OWN),
            dense,
            LinearLayers.of(dense.graph(), Set.of()));
    State state =
        new LayerwiseCompression(RUNNERS, () -> 0, 2)
            .run(dense, State.of(dense), plan, examples, _ -> {});
    try (Runner before = RUNNERS.open(dense);
        Runner after = RUNNERS.open(state.model())) {
      return OutputError.of(before, after, List.of(Map.of("x", DeepNetwork.inputs(1024, 77))))
          .values()
          .iterator()
          .next()
          .relative();
    }
  }

  @Test
  void aLayerComesAfterThoseItReads() {
    List<List<LinearLayer>> groups = LayerGroups.of(DENSE.graph(), LAYERS.reversed());

    assertEquals(
        List.of("w0", "w1", "w2", "w3", "head"),
        groups.stream().map(group -> group.getFirst().weight()).toList());
    assertTrue(groups.stream().allMatch(group -> group.size() == 1));
  }

  @Test
  void layersOfAGroupGiveTheSameOnOneThreadAndOnTwo() {
    var graph = new GraphBuilder("side by side");
    String x = graph.input("x", DType.FLOAT32, "rows", DeepNetwork.WIDTH);
    var outputs = new ArrayList<String>();
    for (int i = 0; i < 3; i++) {
      NumericTensor weight = (NumericTensor) DENSE.graph().initializers().get("w" + i);
      outputs.add(graph.matmul(x, graph.initializer("w" + i, weight)));
    }
    graph.named("y", "Sum", Map.of(), outputs.toArray(new String[0]));
    graph.output("y", DType.FLOAT32, "rows", DeepNetwork.WIDTH);
    Model model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse("layers: [{match: '*', pattern: '2:4'}]", "test", Constants.OWN),
            model,
            LinearLayers.of(model.graph(), Set.of()));
    assertEquals(1, plan.groups().size());

    State one =
        new LayerwiseCompression(RUNNERS, () -> 0, 1)
            .run(model, State.of(model), plan, EXAMPLES, _ -> {});
    State two =
        new LayerwiseCompression(RUNNERS, () -> 0, 2)
            .run(model, State.of(model), plan, EXAMPLES, _ -> {});

    assertEquals(one, two);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT16", "FLOAT64"})
  void networksOfOtherFloatsAreCompressedAsWell(DType type) {
    var graph = new GraphBuilder("of " + type);
    String x = graph.input("x", type, "rows", DeepNetwork.WIDTH);
    for (int i = 0; i < 2; i++) {
      var weight = (NumericTensor) DENSE.graph().initializers().get("w" + i);
      NumericTensor stored = NumericTensor.rounded(type, weight.shape(), weight.toDoubles());
      x = graph.add("Relu", graph.matmul(x, graph.initializer("w" + i, stored)));
    }
    graph.named("y", "Identity", Map.of(), x);
    graph.output("y", type, "rows", DeepNetwork.WIDTH);
    Model model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    NumericTensor inputs = DeepNetwork.inputs(300, SEED);
    Map<String, TensorData> example =
        Map.of("x", NumericTensor.rounded(type, inputs.shape(), inputs.toDoubles()));
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse("layers: [{match: '*', pattern: '2:4'}]", "test", Constants.OWN),
            model,
            LinearLayers.find(model.graph(), Set.of()).layers());

    State state =
        new LayerwiseCompression(RUNNERS, () -> 0, 1)
            .run(model, State.of(model), plan, List.of(example), _ -> {});

    try (Runner before = RUNNERS.open(model);
        Runner after = RUNNERS.open(state.model())) {
      double error =
          OutputError.of(before, after, List.of(example)).values().iterator().next().relative();
      assertTrue(error > 1e-4 && error < .2, type + ": " + error);
    }
  }

  @Test
  void workIsDoneInOrderAndItsFirstErrorIsThrown() {
    assertEquals(
        List.of(0, 1, 2, 3), new Workers(3).all(List.of(() -> 0, () -> 1, () -> 2, () -> 3)));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Workers(2)
                    .all(
                        List.<Callable<Integer>>of(
                            () -> 0,
                            () -> {
                              throw new IllegalArgumentException("first");
                            },
                            () -> {
                              throw new IllegalArgumentException("second");
                            })));
    assertEquals("first", error.getMessage());
    assertEquals(List.of(), new Workers(2).all(List.<Callable<Integer>>of()));
  }

  @Test
  void aRunThatStopsGoesOnWhereItStopped() throws IOException {
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse(
                """
                layers:
                - {match: w0, pattern: '2:4', rank: 4}
                - {match: w1, bits: 4, group: 16}
                - {match: w2, remove: '25%'}
                - {match: '*', pattern: '50%'}
                """,
                "test", Constants.OWN),
            DENSE,
            LAYERS,
            removals(DENSE));
    var compression = new LayerwiseCompression(RUNNERS, () -> 0, 2);
    var start = State.of(DENSE);
    State whole = compression.run(DENSE, start, plan, EXAMPLES, _ -> {});
    var resume = new Resume(folder.resolve("out.onnx"), "key");

    assertThrows(
        IllegalStateException.class,
        () ->
            compression.run(
                DENSE,
                start,
                plan,
                EXAMPLES,
                state -> {
                  saved(resume, state);
                  if (state.done().size() == 3) {
                    throw new IllegalStateException("power cut");
                  }
                }));
    State stopped = resume.read().orElseThrow();
    assertEquals(3, stopped.done().size());
    var steps = new ArrayList<Integer>();
    State resumed =
        compression.run(DENSE, stopped, plan, EXAMPLES, state -> steps.add(state.done().size()));

    assertEquals(List.of(4, 5), steps);
    assertEquals(whole.done(), resumed.done());
    assertEquals(whole.model().graph(), resumed.model().graph());
    assertEquals(
        whole.written(DENSE, plan, plan.kinds()).graph(),
        resumed.written(DENSE, plan, plan.kinds()).graph());
  }

  @Test
  void removedNeuronsCostLessThanThoseOfTheSmallestWeights() {
    LinearLayer second = LAYERS.get(1);
    ResolvedPlan plan =
        ResolvedPlan.of(
            PlanFile.parse("layers: [{match: w1, remove: 25%}]", "test", Constants.OWN),
            DENSE,
            LAYERS,
            removals(DENSE));

    State state =
        new LayerwiseCompression(RUNNERS, () -> 0, 1)
            .run(DENSE, State.of(DENSE), plan, EXAMPLES, _ -> {});

    PairedStatistics seen =
        new PairedCalibration(DENSE, RUNNERS).run(DENSE, List.of(second), EXAMPLES).get(second);
    var problem = new LayerProblem(second.read(DENSE.graph()), seen.gram(), Treatment.NO_ZEROS);
    double smallest = problem.relativeError(withoutSmallest(problem.weight(), 8));
    double error = state.done().getFirst().relativeError();
    assertTrue(error < .8 * smallest, error + " against " + smallest + ", seed " + SEED);
  }

  /** Returns the weight with 0 at the inputs whose weights are smallest. */
  private static Matrix withoutSmallest(Matrix weight, int number) {
    double[] values = weight.toArray();
    IntStream.range(0, weight.columns())
        .boxed()
        .sorted(
            Comparator.comparingDouble(i ->
                IntStream.range(0, weight.rows())
                    .mapToDouble(o -> weight.at(o, i) * weight.at(o, i))
                    .sum()))
        .limit(number)
        .forEach(i -> {
          for (int o = 0; o < weight.rows(); o++) {
            values[o * weight.columns() + i] = 0;
          }
        });
    return Matrix.over(weight.rows(), weight.columns(), values);
  }

  private static Removals removals(Model model) {
    return new Removals(
        model, LinearLayers.find(model.graph(), Set.of()), RUNNERS, EXAMPLES.getFirst());
  }

  @Test
  void anotherPlanDoesNotGoOn() throws IOException {
    new Resume(folder.resolve("out.onnx"), "one").write(State.of(DENSE));

    assertEquals(Optional.empty(), new Resume(folder.resolve("out.onnx"), "other").read());
  }

  private static void saved(Resume resume, State state) {
    try {
      resume.write(state);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
