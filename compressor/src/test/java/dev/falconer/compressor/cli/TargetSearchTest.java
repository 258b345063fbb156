package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.fixture.Npz;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.pipeline.PlanFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** falconer compress --target-bytes and --target-latency, by the command line. */
class TargetSearchTest {
  private static final long SEED = 3;

  private static final String PLAN =
      """
      layers:
      - {match: head, keep: dense}
      - match: "*"
        options:
        - {keep: dense}
        - {bits: 8, group: 0}
        - {bits: 4, group: 16}
        - {pattern: "2:4", solver: wanda}
      """;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writesAModelAndExamples() throws IOException {
    OnnxWriter.write(DeepNetwork.model(SEED), folder.resolve("model.onnx"));
    Npz.write(folder.resolve("examples.npz"), Map.of("x", DeepNetwork.inputs(1024, SEED)));
  }

  @Test
  void theFileIsWithinTheTargetAndLosesLeast() throws IOException {
    JsonNode report = chosen("small", "--target-bytes", "70%");

    long dense = report.at("/steps/0/bytes").asLong();
    long reached = Files.size(folder.resolve("small.onnx"));
    assertEquals(reached, report.at("/target/reached").asLong());
    assertTrue(reached <= .7 * dense, report.get("target").toString());
    assertTrue(report.at("/target/met").asBoolean());
    assertTrue(report.at("/target/expected").asLong() >= reached, "upper bound of the record");
    assertTrue(report.at("/target/expected").asLong() - reached < 1000, report.toString());
    // By hand: of all 4^4 choices that fit, none has a lower sum of the errors measured.
    assertEquals(best(report.at("/target"), .7 * dense), report.at("/target/error").asDouble());
    assertFalse(report.at("/target/frontier").isEmpty());
  }

  @Test
  void theChosenPlanIsPrintedStoredAndFollowed() throws IOException {
    JsonNode report = chosen("small", "--target-bytes", "70%");

    JsonNode stored =
        new ObjectMapper()
            .readTree(
                OnnxReader.read(folder.resolve("small.onnx"))
                    .metadata()
                    .get("falconer.compression"));
    CompressionPlan plan = PlanFile.parse(stored.get("plan").asText(), "the record", Constants.OWN);
    var what = new ArrayList<String>();
    plan.rules().forEach(rule -> what.add(rule.choices().getFirst().toString()));
    var done = new ArrayList<String>();
    report.get("layers").forEach(layer -> done.add(layer.get("what").asText()));
    what.removeIf("dense"::equals);
    assertEquals(5, plan.rules().size());
    assertEquals(done, what);
    assertTrue(out.toString().contains("bits"), out.toString());
    assertTrue(out.toString().contains("target --target-bytes 70%: at most"), out.toString());
  }

  @Test
  void theSameIsChosenOnAnyNumberOfThreads() throws IOException {
    JsonNode one = chosen("one", "--target-bytes", "70%", "--threads", "1");
    JsonNode three = chosen("three", "--target-bytes", "70%", "--threads", "3");

    assertEquals(one.at("/target/options"), three.at("/target/options"));
    assertEquals(one.at("/target/error"), three.at("/target/error"));
    assertEquals(one.get("plan"), three.get("plan"));
  }

  @Test
  void anInterruptedRunGoesOnWhenItChoosesTheSame() throws IOException {
    interrupted("--target-bytes", "70%");
    assertEquals(0, run("twice", PLAN, "--target-bytes", "70%"), err.toString());
    assertTrue(err.toString().contains("going on after 3 layers"), err.toString());

    interrupted("--target-bytes", "70%");
    assertEquals(0, run("twice", PLAN, "--target-bytes", "50%"), err.toString());
    assertFalse(err.toString().contains("going on after"), err.toString());
  }

  /** Has all lost but what was saved: the result can't take the place of a folder. */
  private void interrupted(String... target) throws IOException {
    Path result = folder.resolve("twice.onnx");
    Files.deleteIfExists(result);
    Files.createDirectories(result.resolve("in the way"));
    assertEquals(1, run("twice", PLAN, target));
    Files.delete(result.resolve("in the way"));
    Files.delete(result);
    err.getBuffer().setLength(0);
  }

  @Test
  void aTargetOutOfReachIsRefusedWithTheLeastThatIsInReach() throws IOException {
    assertEquals(1, run("none", PLAN, "--target-bytes", "1kB"));

    assertTrue(err.toString().contains("--target-bytes 1kB: that is 1,000 bytes"), err.toString());
    assertTrue(
        err.toString().contains("4 bits/16 by gptq+cd for w0, w1, w2, w3; dense for head"),
        err.toString());
    String least = err.toString().replaceAll("(?s).*no less than ([0-9,]+) bytes.*", "$1");
    assertEquals(0, run("least", PLAN, "--target-bytes", least.replace(",", "")), err.toString());
    assertFalse(Files.exists(folder.resolve("none.onnx")));
    assertFalse(Files.exists(folder.resolve("none.json")));
  }

  @Test
  void aLatencyIsAimedAtAndMeasured() throws IOException {
    String withoutDense = PLAN.replace("  - {keep: dense}\n  - {bits: 8", "  - {bits: 8");

    assertEquals(0, run("fast", withoutDense, "--target-latency", "100s"), err.toString());

    JsonNode report = new ObjectMapper().readTree(folder.resolve("fast.json").toFile());
    assertEquals("ms", report.at("/target/unit").asText());
    assertEquals(100_000, report.at("/target/limit").asDouble());
    JsonNode last = report.at("/steps").get(report.at("/steps").size() - 1);
    assertEquals(last.get("ms").asDouble(), report.at("/target/reached").asDouble());
    assertTrue(report.at("/target/expected").asDouble() > 0, report.toString());
    assertTrue(report.at("/target/met").asBoolean());
    assertEquals(1 + 4 * 3, report.at("/target/options").size());
  }

  @Test
  void aLatencyOutOfReachOrMetAlreadyIsRefused() throws IOException {
    assertEquals(1, run("none", PLAN, "--target-latency", "0.001us"));
    assertTrue(err.toString().contains("the plan's options reach no less than"), err.toString());

    assertEquals(1, run("none", PLAN, "--target-latency", "100s"));
    assertTrue(err.toString().contains("the model meets it as it is"), err.toString());
    assertFalse(Files.exists(folder.resolve("none.onnx")));
  }

  @Test
  void aTargetNeedsOptionsAndOptionsATarget() throws IOException {
    assertEquals(1, run("none", PLAN));
    assertTrue(
        err.toString().contains("layers[1].options are chosen from by --target-bytes"),
        err.toString());
    assertEquals(1, run("none", "layers: [{match: '*', bits: 4}]", "--target-bytes", "50%"));
    assertTrue(
        err.toString().contains("--target-bytes 50% chooses among options, and no rule"),
        err.toString());
    assertEquals(1, run("none", PLAN, "--target-bytes", "1kB", "--target-latency", "1ms"));
    assertTrue(err.toString().contains("give one of them"), err.toString());
    assertEquals(1, run("none", PLAN, "--target-bytes", "lots"));
    assertTrue(err.toString().contains("--target-bytes \"lots\""), err.toString());
  }

  @Test
  void whatIsWrongWithOptionsIsNamed() throws IOException {
    assertSays("layers[0]: options[1]: no solver \"best\"", "{pattern: '2:4', solver: best}");
    assertSays("layers[0]: options[1]: match and options go with the rule", "{match: w0}");
    assertSays("layers[0].options[1].bit: no such key", "{bit: 4}");
    assertEquals(
        1, run("none", "layers: [{match: '*', options: [{bits: 4}]}]", "--target-bytes", "50%"));
    assertTrue(err.toString().contains("options: 1, want two or more"), err.toString());
  }

  @Test
  void anOptionThatALayerCannotHaveIsLeftOutAndSaid() throws IOException {
    String plan =
        "layers: [{match: '*', options: [{keep: dense}, {bits: 4, group: 16}, {pattern: '8:15'}]}]";

    assertEquals(0, run("some", plan, "--target-bytes", "80%"), err.toString());

    assertTrue(out.toString().contains("w0: not 8:15 by alps: "), out.toString());
  }

  private void assertSays(String message, String option) throws IOException {
    String plan = "layers: [{match: '*', options: [{keep: dense}, %s]}]".formatted(option);
    assertEquals(1, run("none", plan, "--target-bytes", "50%"));
    assertTrue(err.toString().contains(message), err.toString());
  }

  /** Returns the least sum of errors of one option a layer whose changes keep within a limit. */
  private static double best(JsonNode target, double limit) {
    double base = target.at("/frontier/0/cost").asDouble();
    var layers = new java.util.LinkedHashMap<String, List<JsonNode>>();
    target
        .get("options")
        .forEach(option ->
            layers
                .computeIfAbsent(option.get("layer").asText(), _ -> new ArrayList<>())
                .add(option));
    for (List<JsonNode> options : layers.values()) {
      base -= options.stream().mapToDouble(o -> o.get("change").asDouble()).min().orElseThrow();
    }
    List<double[]> sums = List.of(new double[] {base, 0});
    for (List<JsonNode> options : layers.values()) {
      var longer = new ArrayList<double[]>();
      for (double[] sum : sums) {
        for (JsonNode option : options) {
          longer.add(
              new double[] {
                sum[0] + option.get("change").asDouble(), sum[1] + option.get("error").asDouble()
              });
        }
      }
      sums = longer;
    }
    return sums.stream()
        .filter(sum -> sum[0] <= limit)
        .mapToDouble(sum -> sum[1])
        .min()
        .orElseThrow();
  }

  private JsonNode chosen(String name, String... more) throws IOException {
    assertEquals(0, run(name, PLAN, more), err.toString());
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
                folder.resolve(name + ".json").toString()));
    arguments.addAll(List.of(more));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(new String[0]));
  }
}
