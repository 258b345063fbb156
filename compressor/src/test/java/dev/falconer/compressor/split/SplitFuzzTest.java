package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fuzz.FuzzGraph;
import dev.falconer.compressor.interpret.Interpreter;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Random graphs are split exactly or refused. {@code -Dfalconer.fuzz.seed=S} runs the graph of one
 * seed and prints it; {@code -Dfalconer.fuzz.graphs=N} runs the first N.
 */
class SplitFuzzTest {
  private static final int GRAPHS = Integer.getInteger("falconer.fuzz.graphs", 20_000);
  private static final Long SEED = Long.getLong("falconer.fuzz.seed");

  /** ONNX Runtime keeps the constant factor of a product that it fuses as a float32. */
  private static final double SCALED = 1e-6;

  /** Fewer graphs may lack a rare operator. */
  private static final int MANY = 5000;

  @Test
  void graphsAreSplitExactlyOrRefused(TestReporter reporter)
      throws ExecutionException, InterruptedException {
    List<FuzzTrial.Outcome> outcomes = outcomes();
    var counts = new TreeMap<String, String>();
    outcomes.forEach(outcome ->
        counts.merge(
            (outcome.mixes() ? "rows mix, " : "") + outcome.word(),
            "1",
            (a, b) -> Integer.toString(Integer.parseInt(a) + Integer.parseInt(b))));
    reporter.publishEntry(counts);

    List<String> wrong =
        outcomes.stream()
            .filter(FuzzTrial.Outcome::isWrong)
            .map(FuzzTrial.Outcome::detail)
            .toList();
    assertEquals(
        List.of(),
        wrong.stream().limit(10).toList(),
        wrong.size() + " of " + outcomes.size() + ": " + counts);
    if (SEED == null) {
      theGraphsAreWorthIt(outcomes, counts);
    }
  }

  private static List<FuzzTrial.Outcome> outcomes()
      throws ExecutionException, InterruptedException {
    if (SEED != null) {
      FuzzTrial.Outcome outcome = FuzzTrial.of(SEED);
      System.out.println(FuzzTrial.text(SEED) + outcome.word() + " " + outcome.detail());
      return List.of(outcome);
    }
    try (var threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<FuzzTrial.Outcome>> trials =
          LongStream.range(0, GRAPHS)
              .mapToObj(seed -> threads.submit(() -> FuzzTrial.of(seed)))
              .toList();
      var outcomes = new ArrayList<FuzzTrial.Outcome>();
      for (var trial : trials) {
        outcomes.add(trial.get());
      }
      return outcomes;
    }
  }

  /** Most graphs without mixing are split, with every operator there is; many do mix. */
  private static void theGraphsAreWorthIt(
      List<FuzzTrial.Outcome> outcomes, Map<String, String> counts) {
    long mixing = outcomes.stream().filter(FuzzTrial.Outcome::mixes).count();
    long split = outcomes.stream().filter(FuzzTrial.Outcome::isSplit).count();
    assertTrue(mixing > outcomes.size() / 5, counts.toString());
    assertTrue(split > (outcomes.size() - mixing) / 3, counts.toString());
    var all = new TreeSet<String>();
    var inSplit = new TreeSet<String>();
    for (FuzzTrial.Outcome outcome : outcomes) {
      all.addAll(outcome.operators());
      if (outcome.isSplit()) {
        inSplit.addAll(outcome.operators());
      }
    }
    if (outcomes.size() >= MANY) {
      assertEquals(all, inSplit);
    }
  }

  @Test
  void theInterpreterComputesWhatOnnxRuntimeComputes() {
    Runner.Factory runtime = OrtRunner.factory(1);
    for (long seed = 0; seed < 300; seed++) {
      FuzzGraph graph = FuzzGraph.of(seed);
      if (graph.model().graph().nodes().stream().anyMatch(node -> node.is("GRU"))) {
        continue; // ONNX Runtime has none in double precision
      }
      var request = graph.request(3, 4, 2, new Random(seed));
      Map<String, TensorData> rows = graph.rows(request);
      agree(graph.model(), rows, runtime, "seed " + seed);
      if (graph.planted()) {
        continue;
      }
      SplitModel split = FuzzTrial.halves(graph);
      if (split != null) {
        var feeds = new LinkedHashMap<>(request);
        Map<String, TensorData> columns = States.fresh(split, request);
        feeds.putAll(agree(split.user(), columns, runtime, "user graph, seed " + seed));
        agree(split.candidate(), feeds, runtime, "candidate graph, seed " + seed);
      }
    }
  }

  @Test
  void theInterpretersRecurrentUnitIsOnnxRuntimes() {
    var graph = new GraphBuilder("recurrent");
    graph.named(
        "all",
        "GRU",
        Map.of("hidden_size", Attribute.of(3)),
        graph.input("x", DType.FLOAT32, 4, 2, 2),
        graph.input("in", DType.FLOAT32, 1, 9, 2),
        graph.input("back", DType.FLOAT32, 1, 9, 3),
        "",
        "",
        graph.input("start", DType.FLOAT32, 1, 2, 3));
    graph.output("all", DType.FLOAT32, 4, 1, 2, 3);
    var model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    var feeds =
        Map.of(
            "x", waves(4, 2, 2),
            "in", waves(1, 9, 2),
            "back", waves(1, 9, 3),
            "start", waves(1, 2, 3));

    agree(model, feeds, OrtRunner.factory(1), "GRU");
  }

  private static TensorData waves(long... dims) {
    var values = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + (double) dims[1]);
    }
    return TensorData.floats(Shape.of(dims), values);
  }

  private static Map<String, TensorData> agree(
      Model model, Map<String, TensorData> feeds, Runner.Factory runtime, String which) {
    try (Runner plain = Interpreter.open(model);
        Runner served = runtime.open(model)) {
      Map<String, TensorData> expected = served.run(feeds);
      assertEquals("", FuzzTrial.difference(expected, plain.run(feeds), SCALED), which);
      return expected;
    } catch (IllegalArgumentException e) {
      throw new AssertionError(which, e);
    }
  }
}
