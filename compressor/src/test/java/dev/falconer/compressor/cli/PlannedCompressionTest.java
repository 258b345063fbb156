package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.fixture.Npz;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** falconer compress --calibration --plan, by the command line. */
class PlannedCompressionTest {
  private static final int ROWS = 1024;
  private static final int WIDTH = DeepNetwork.WIDTH;
  private static final int LAYERS = DeepNetwork.LAYERS;
  private static final long SEED = 3;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writesAModelAndExamples() throws IOException {
    OnnxWriter.write(DeepNetwork.model(SEED), folder.resolve("model.onnx"));
    NumericTensor x = DeepNetwork.inputs(ROWS, SEED);
    Npz.write(folder.resolve("examples.npz"), Map.of("x", x, "click", clicks(x)));
  }

  @Test
  void everyLayerOfTheRuleHasThePatternAndTheOthersStay() throws IOException {
    JsonNode report =
        compressed("sparse", "{match: head, keep: dense}", "{match: '*', pattern: '2:4'}");

    Model dense = OnnxReader.read(folder.resolve("model.onnx"));
    Model sparse = OnnxReader.read(folder.resolve("sparse.onnx"));
    for (int layer = 0; layer < LAYERS; layer++) {
      assertTwoOfFour(((NumericTensor) sparse.graph().initializers().get("w" + layer)).toFloats());
    }
    assertEquals(
        dense.graph().initializers().get("head"), sparse.graph().initializers().get("head"));
    assertEquals(LAYERS, report.get("layers").size());
    assertEquals("kept dense by \"head\"", report.get("left").get("head").asText());
    assertTrue(report.at("/steps/1/output_error/score").asDouble() > 0);
    assertTrue(Files.readString(folder.resolve("sparse.html")).contains("w3"));
    assertTrue(sparse.metadata().get("falconer.compression").contains("2:4"));
    assertFalse(Files.exists(folder.resolve("sparse.onnx.resume")));
  }

  @Test
  void alpsHasTheLowestErrorOfEveryLayer() throws IOException {
    JsonNode alps = compressed("alps", "{match: 'w*', pattern: '2:4', solver: alps}");
    for (String solver : new String[] {"magnitude", "wanda", "sparsegpt"}) {
      JsonNode other = compressed(solver, "{match: 'w0', pattern: '2:4', solver: " + solver + "}");

      assertTrue(
          alps.at("/layers/0/relative_error").asDouble()
              <= other.at("/layers/0/relative_error").asDouble(),
          solver);
    }
  }

  @Test
  void anInterruptedRunGivesTheSameBytes() throws IOException {
    compressed("once", "{match: 'w*', pattern: '2:4'}");
    // The result can't take the place of a folder: all is lost but what was saved.
    Path out = folder.resolve("twice.onnx");
    Files.createDirectories(out.resolve("in the way"));
    assertEquals(1, run("twice", "layers:\n- {match: 'w*', pattern: '2:4'}\n"));
    Files.delete(out.resolve("in the way"));
    Files.delete(out);

    assertEquals(0, run("twice", "layers:\n- {match: 'w*', pattern: '2:4'}\n"), err.toString());

    assertTrue(err.toString().contains("going on after 4 layers"), err.toString());
    assertArrayEquals(weights(folder.resolve("once.onnx")), weights(folder.resolve("twice.onnx")));
  }

  @Test
  void everyKindOfPartIsWrittenAsTheReportSays() throws IOException {
    JsonNode report =
        compressedBy(
            "mixed",
            """
            layers:
            - {match: w0, pattern: '2:4', rank: 4}
            - {match: w1, bits: 4, group: 16}
            - {match: w2, pattern: '2:4', bits: 4, group: 32, grid: minmax, quantiser: gptq}
            - {match: w3, pattern: '2:4'}
            - {match: '*', keep: dense}
            """);

    Model mixed = OnnxReader.read(folder.resolve("mixed.onnx"));
    List<String> operators = mixed.graph().nodes().stream().map(Node::type).toList();
    assertEquals(2, Collections.frequency(operators, "MatMulNBits"));
    assertEquals(5, Collections.frequency(operators, "MatMul"), "w3, the head, and three of w0");
    List<String> what = new ArrayList<>();
    report.get("layers").forEach(layer -> what.add(layer.get("what").asText()));
    assertEquals(
        List.of(
            "2:4 + rank 4 by hassle-free-alps",
            "4 bits/16 by gptq+cd",
            "2:4 by alps, 4 bits/32 by gptq",
            "2:4 by alps"),
        what);
    double error = report.at("/steps/3/output_error/score").asDouble();
    assertTrue(error > 0 && error < .02, report.toString());
  }

  @Test
  void everyKindOfTreatmentIsAStepOfItsOwn() throws IOException {
    JsonNode report =
        compressedBy(
            "steps",
            """
            layers:
            - {match: w0, bits: 4, group: 16}
            - {match: w1, pattern: '2:4', rank: 4}
            - {match: w2, pattern: '2:4'}
            - {match: '*', keep: dense}
            embeddings: fp16
            """);

    var names = new ArrayList<String>();
    var bytes = new ArrayList<Long>();
    var errors = new ArrayList<Double>();
    report
        .get("steps")
        .forEach(step -> {
          names.add(step.get("step").asText());
          bytes.add(step.get("bytes").asLong());
          errors.add(step.at("/output_error/score").asDouble());
        });
    assertEquals(List.of("dense", "zeros", "low rank", "few bits", "fp16 tables"), names);
    assertEquals(bytes.get(0), bytes.get(1), "zeros in a dense weight");
    assertTrue(bytes.get(2) > bytes.get(1), "factors beside a dense weight: " + bytes);
    assertTrue(bytes.get(3) < bytes.get(2), "4 bits: " + bytes);
    assertEquals(Files.size(folder.resolve("steps.onnx")), bytes.get(4));
    assertTrue(errors.get(1) > 0 && !errors.get(2).equals(errors.get(1)), errors.toString());
    assertEquals(errors.get(3), errors.get(4), "there are no tables");
    assertTrue(
        report.at("/steps/1/verdict").asText().matches("neither smaller nor faster|faster|worse.*"),
        report.toString());
  }

  @Test
  void integerLayersKeepTheirZerosAndTheirBits() throws IOException {
    JsonNode report =
        compressedBy(
            "int8",
            """
            layers:
            - {match: w0, activations: int8}
            - {match: w1, pattern: '2:4', bits: 8, activations: int8, range: 99.99%}
            - {match: w2, pattern: 'panel16x4@0.25', bits: 8, activations: int8}
            - {match: w3, pattern: '4:16', solver: alps+exchange, activations: int8}
            - {match: '*', keep: dense}
            """);

    var graph = OnnxReader.read(folder.resolve("int8.onnx")).graph();
    List<String> operators = graph.nodes().stream().map(Node::type).toList();
    assertEquals(4, Collections.frequency(operators, "MatMulInteger"));
    assertFalse(operators.contains("DynamicQuantizeLinear"), "scores would depend on neighbours");
    float[] seven = ((NumericTensor) graph.initializers().get("w0.int8")).toFloats();
    for (float level : seven) {
      assertTrue(level >= -64 && level < 64, "level " + level);
    }
    assertTwoOfFour(((NumericTensor) graph.initializers().get("w1.int8")).toFloats());
    float[] panels = ((NumericTensor) graph.initializers().get("w2.int8")).toFloats();
    assertMostInGroups(panels, 2, WIDTH, 16, 4);
    assertMostInGroups(
        ((NumericTensor) graph.initializers().get("w3.int8")).toFloats(), 4, 16, 1, 1);
    assertEquals("7 bits by gptq+cd, int8 activations", report.at("/layers/0/what").asText());
    assertEquals(.25, report.at("/layers/2/density").asDouble());
    double error = report.at("/steps/1/output_error/score").asDouble();
    assertTrue(error > 1e-6 && error < .1, report.toString());
  }

  @Test
  void neuronsAreRemovedWithWhatGivesThem() throws IOException {
    JsonNode report =
        compressedBy(
            "fewer",
            """
            layers:
            - {match: w0, pattern: '2:4'}
            - {match: w1, remove: '25%'}
            - {match: w2, bits: 4, group: 16}
            - {match: w3, remove: '50%'}
            - {match: '*', keep: dense}
            """);

    Model fewer = OnnxReader.read(folder.resolve("fewer.onnx"));
    assertEquals(Shape.of(WIDTH, 24), fewer.graph().initializers().get("w0").shape());
    assertEquals(Shape.of(24, WIDTH), fewer.graph().initializers().get("w1").shape());
    assertEquals(Shape.of(16, WIDTH), fewer.graph().initializers().get("w3").shape());
    assertEquals("8 of 32 neurons removed by osscar", report.at("/layers/1/what").asText());
    assertEquals(.75, report.at("/layers/1/density").asDouble());
    assertEquals("removed", report.at("/steps/1/step").asText());
    assertTrue(
        report.at("/steps/1/bytes").asLong() < report.at("/steps/0/bytes").asLong(),
        report.toString());
    double error = report.at("/steps/3/output_error/score").asDouble();
    assertTrue(error > 0 && error < .1, report.toString());
    assertTrue(out.toString().contains("8 of 32 neurons removed by osscar"), out.toString());
  }

  @Test
  void aRankMayBeWhatABudgetLeaves() throws IOException {
    JsonNode report = compressedBy("saved", "layers: [{match: w0, pattern: '2:4', rank: '30%'}]\n");

    assertEquals(
        "2:4 + the rank that saves 30.0 %, by hassle-free-alps",
        report.at("/layers/0/what").asText());
    long numbers = 0;
    for (TensorData tensor :
        OnnxReader.read(folder.resolve("saved.onnx")).graph().initializers().values()) {
      numbers += tensor.shape().dim(-1) == 3 || tensor.shape().dim(0) == 3 ? 1 : 0;
    }
    assertEquals(2, numbers, "A [3, 32] and B [32, 3]");
    assertSays(
        "layer \"w0\": pattern 2:4 alone holds 0.5",
        "layers: [{match: 'w*', pattern: '2:4', rank: '60%'}]");
  }

  @Test
  void publishedConstantsLoseMore() throws IOException {
    String plan = "layers:\n- {match: w0, pattern: '2:4'}\n";
    double own = compressedBy("own", plan).at("/layers/0/relative_error").asDouble();
    double paper = compressedBy("paper", plan, "--paper").at("/layers/0/relative_error").asDouble();

    assertTrue(own < paper, own + " against " + paper);
  }

  @Test
  void labelsGiveAnAuc() throws IOException {
    JsonNode report =
        compressedBy("judged", "layers:\n- {match: 'w*', pattern: '2:4'}\n", "--labels", "click");

    double auc = report.at("/quality/dense/score/auc").asDouble();
    assertTrue(auc > .6, report.toString());
    assertTrue(report.at("/quality/compressed - dense/score/auc_ci").isArray());
    assertTrue(
        out.toString().contains("compressed less dense, on the same resamples of users\n  score"),
        out.toString());
  }

  @Test
  void whatIsWrongWithAPlanIsNamed() throws IOException {
    assertSays("layers[0].patern: no such key", "layers: [{match: '*', patern: '2:4'}]");
    assertSays(
        "\"encoder*\" matches none of the layers", "layers: [{match: 'encoder*', pattern: '2:4'}]");
    assertSays(
        "layers[0]: no solver \"best\"", "layers: [{match: '*', pattern: '2:4', solver: best}]");
    assertSays(
        "layer \"w0\": pattern 8:15t needs a multiple of 15",
        "layers: [{match: 'w*', pattern: '8:15t'}]");
    assertSays(
        "layer \"head\": of 1 outputs, fewer than 8", "layers: [{match: '*', activations: int8}]");
    assertSays("activations: \"fp8\"", "layers: [{match: 'w*', activations: fp8}]");
    assertSays(
        "range: \"wide\", want mse", "layers: [{match: 'w*', activations: int8, range: wide}]");
    assertSays("group doesn't go with", "layers: [{match: 'w*', activations: int8, group: 32}]");
    assertSays("range goes with", "layers: [{match: 'w*', bits: 8, range: mse}]");
    assertSays(
        "layer \"w0\": its inputs can't be removed: they come from the input \"x\"",
        "layers: [{match: 'w0', remove: '25%'}]");
    assertSays(
        "layer \"w1\": remove: 1.0 % of its 32 neurons is less than one; at most 31 can be",
        "layers: [{match: 'w1', remove: '1%'}]");
    assertSays("remove: \"8\", want a share", "layers: [{match: 'w1', remove: 8}]");
    assertSays(
        "layers[0]: remove goes with no other key",
        "layers: [{match: 'w1', remove: 25%, bits: 4}]");
    assertSays(
        "remove goes with no options in the same plan",
        "layers: [{match: w1, remove: 25%}, {match: '*', options: [{keep: dense}, {bits: 4}]}]");
    assertSays(
        "layer \"w0\": pattern 2:4t spans outputs, of which \"w1\" removes some",
        "layers: [{match: w0, pattern: '2:4t'}, {match: w1, remove: 25%}]");
    assertSays(
        "targets: \"both\" is neither", "targets: both\nlayers: [{match: '*', pattern: '2:4'}]");
    assertFalse(Files.exists(folder.resolve("wrong.onnx")));
  }

  @Test
  void examplesThatDoNotFitAreNamed() throws IOException {
    Npz.write(folder.resolve("examples.npz"), Map.of("y", DeepNetwork.inputs(ROWS, SEED)));
    assertSays("lack input \"x\"", "layers: [{match: '*', pattern: '2:4'}]");

    NumericTensor broken = DeepNetwork.inputs(ROWS, SEED);
    broken.bytes().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 7, Float.NaN);
    Npz.write(folder.resolve("examples.npz"), Map.of("x", broken));
    assertSays("layer \"w0\" reads NaN", "layers: [{match: '*', pattern: '2:4'}]");
  }

  @Test
  void optionsOfALogAreRefused() {
    int status =
        Main.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute(
                "compress",
                "--model",
                "m",
                "--out",
                "o",
                "--calibration",
                "c",
                "--plan",
                "p",
                "--epochs",
                "3");

    assertEquals(1, status);
    assertTrue(err.toString().contains("--epochs goes with --data"), err.toString());
  }

  private void assertSays(String message, String plan) throws IOException {
    int status = run("wrong", plan);

    assertEquals(1, status);
    assertTrue(err.toString().contains(message), err.toString());
  }

  private JsonNode compressed(String name, String... rules) throws IOException {
    return compressedBy(name, "layers:\n- " + String.join("\n- ", rules) + "\n");
  }

  private JsonNode compressedBy(String name, String plan, String... more) throws IOException {
    assertEquals(0, run(name, plan, more), err.toString());
    return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
  }

  private int run(String name, String plan, String... more) throws IOException {
    Files.writeString(folder.resolve("plan.yaml"), plan);
    var arguments =
        new ArrayList<>(
            List.of(
                "compress",
                "--model",
                folder.resolve("model.onnx").toString(),
                "--calibration",
                folder.resolve("examples.npz").toString(),
                "--plan",
                folder.resolve("plan.yaml").toString(),
                "--out",
                folder.resolve(name + ".onnx").toString(),
                "--json",
                folder.resolve(name + ".json").toString(),
                "--html",
                folder.resolve(name + ".html").toString()));
    arguments.addAll(List.of(more));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(new String[0]));
  }

  private static float[] weights(Path file) throws IOException {
    return ((NumericTensor) OnnxReader.read(file).graph().initializers().get("w3")).toFloats();
  }

  /** Two of four consecutive inputs; the weight lies as [in, out]. */
  private static void assertTwoOfFour(float[] weight) {
    assertMostInGroups(weight, 2, 4, 1, 1);
  }

  /**
   * Of {@code span} consecutive inputs, in groups of {@code group}, at most {@code most} groups
   * hold a weight of {@code width} consecutive outputs. The weight lies as [in, out].
   */
  private static void assertMostInGroups(float[] weight, int most, int span, int width, int group) {
    for (int output = 0; output < WIDTH; output += width) {
      for (int input = 0; input < WIDTH; input += span) {
        var kept = new java.util.TreeSet<Integer>();
        for (int i = input; i < input + span; i++) {
          for (int o = output; o < output + width; o++) {
            if (weight[i * WIDTH + o] != 0) {
              kept.add(i / group);
            }
          }
        }
        assertTrue(kept.size() <= most, "outputs from " + output + ": groups " + kept);
      }
    }
  }

  /** Clicks drawn from the dense model's scores. */
  private static NumericTensor clicks(NumericTensor x) {
    var random = new Random(5);
    try (var runner = dev.falconer.compressor.evaluate.OrtRunner.open(DeepNetwork.model(SEED), 1)) {
      float[] scores = ((NumericTensor) runner.run(Map.of("x", x)).get("score")).toFloats();
      var clicks = new float[ROWS];
      for (int i = 0; i < ROWS; i++) {
        clicks[i] = random.nextFloat() < scores[i] ? 1 : 0;
      }
      return TensorData.floats(Shape.of(ROWS), clicks);
    }
  }
}
