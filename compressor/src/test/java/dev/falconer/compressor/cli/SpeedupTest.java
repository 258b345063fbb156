package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.DeepNetwork;
import dev.falconer.compressor.fixture.Npz;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.pack.Int8Weights;
import dev.falconer.compressor.pipeline.CompressionPlan;
import dev.falconer.compressor.pipeline.Constants;
import dev.falconer.compressor.pipeline.PlanFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * falconer compress --target-speedup, by the command line. How fast anything is depends on the
 * moment: what is stated holds whatever was measured.
 */
class SpeedupTest {
  private static final long SEED = 3;
  private static final int ROWS = 2048;

  private static final String PLAN =
      """
      layers:
      - {match: head, keep: dense}
      - match: "*"
        options:
        - {keep: dense}
        - {activations: int8, quantiser: rtn}
        - {pattern: "panel16x4@0.25", activations: int8, solver: wanda, quantiser: rtn}
        - {pattern: "4:16", solver: wanda}
      """;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writesAModelAndExamples() throws IOException {
    OnnxWriter.write(DeepNetwork.model(SEED), folder.resolve("model.onnx"));
    NumericTensor x = DeepNetwork.inputs(ROWS, SEED);
    Npz.write(folder.resolve("examples.npz"), Map.of("x", x, "click", clicks(x)));
    Files.writeString(folder.resolve("plan.yaml"), PLAN);
  }

  @Test
  void whatIsWrittenIsTheFastestWithinTheGate() throws IOException {
    int status = run("--target-speedup", "1.1", "--max-auc-loss", "1", "--max-ne-rise", "9");

    JsonNode speed = report().get("speed");
    assertEquals(1, speed.get("points").size(), "any quality is within the gate: one is tried");
    JsonNode point = speed.at("/points/0");
    assertTrue(point.get("isWritten").asBoolean(), speed.toString());
    boolean isFast = point.at("/time/speedup").asDouble() >= 1.1;
    assertEquals(isFast, speed.get("met").asBoolean());
    assertEquals(isFast ? 0 : 3, status, err.toString());
    assertTrue(out.toString().contains("timed: the whole model"), out.toString());
    assertTrue(speed.get("options").size() <= 1 + 4 * 4, "those that are faster");
    assertEquals("dense", speed.at("/options/0/what").asText());

    Model written = OnnxReader.read(folder.resolve("fast.onnx"));
    var kinds = new HashSet<String>();
    written.graph().nodes().forEach(node -> kinds.add(node.type()));
    assertEquals(Set.of("MatMul", "Relu", "Sigmoid"), kinds, "any runtime knows the result");
    CompressionPlan plan =
        PlanFile.parse(
            new ObjectMapper()
                .readTree(written.metadata().get("falconer.compression"))
                .get("plan")
                .asText(),
            "the record",
            Constants.OWN);
    var int8 = new HashSet<String>();
    plan.rules()
        .forEach(rule -> {
          if (rule.choices().getFirst().keys().containsKey("activations")) {
            int8.add(rule.match());
          }
        });
    assertEquals(int8, Int8Weights.of(written));
  }

  @Test
  void aSpeedOutOfReachIsMissedAndWhatWasTriedIsReported() throws IOException {
    int status = run("--target-speedup", "99", "--max-auc-loss", "0", "--max-ne-rise", "0");

    assertEquals(3, status, err.toString());
    JsonNode speed = report().get("speed");
    assertFalse(speed.get("met").asBoolean());
    assertTrue(speed.get("points").size() <= 5, speed.toString());
    double fastest = 0;
    boolean isWritten = false;
    for (JsonNode point : speed.get("points")) {
      if (point.get("within").asBoolean()) {
        fastest = Math.max(fastest, point.at("/time/speedup").asDouble());
      }
    }
    for (JsonNode point : speed.get("points")) {
      if (point.get("isWritten").asBoolean()) {
        assertEquals(fastest, point.at("/time/speedup").asDouble(), speed.toString());
        isWritten = true;
      }
    }
    assertEquals(fastest > 0, isWritten, speed.toString());
    assertEquals(isWritten, Files.exists(folder.resolve("fast.onnx")));
    assertTrue(out.toString().contains("MISSED"), out.toString());
    assertFalse(speed.get("frontier").isEmpty());
  }

  @Test
  void whatIsMissingOrDoesNotGoTogetherIsSaid() throws IOException {
    assertEquals(1, run("--target-speedup", "0.5"));
    assertSaid("--target-speedup 0.5: above 1");
    assertEquals(1, run("--target-speedup", "2", "--target-bytes", "50%"));
    assertSaid("goes with neither --target-bytes nor --target-latency");
    assertEquals(1, run("--max-auc-loss", "0.01"));
    assertSaid("--max-auc-loss goes with --target-speedup");
    assertEquals(1, run("--target-speedup", "2", "--user", "y"));
    assertSaid("\"y\"");
    assertEquals(1, run("--target-speedup", "2", "--max-auc-loss", "-1"));
    assertSaid("a loss of AUC of -1.0");
    Files.writeString(folder.resolve("plan.yaml"), "layers: [{match: w0, bits: 4, group: 16}]");
    assertEquals(1, run("--target-speedup", "2"));
    assertSaid("layer \"w0\": no kernel multiplies by [4 bits/16 by gptq+cd]");
    Files.writeString(folder.resolve("plan.yaml"), "layers: [{match: w1, remove: '25%'}]");
    assertEquals(1, run("--target-speedup", "2"));
    assertSaid("remove doesn't go with --target-speedup");
    assertFalse(Files.exists(folder.resolve("fast.onnx")));
  }

  private void assertSaid(String message) {
    assertTrue(err.toString().contains(message), err.toString());
    err.getBuffer().setLength(0);
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("fast.json").toFile());
  }

  private int run(String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "compress",
                "--model",
                folder.resolve("model.onnx").toString(),
                "--calibration",
                folder.resolve("examples.npz").toString(),
                "--labels",
                "click",
                "--plan",
                folder.resolve("plan.yaml").toString(),
                "--out",
                folder.resolve("fast.onnx").toString(),
                "--json",
                folder.resolve("fast.json").toString()));
    arguments.addAll(List.of(more));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(new String[0]));
  }

  /** Clicks drawn from the dense model's scores. */
  private static NumericTensor clicks(NumericTensor x) {
    var random = new Random(SEED);
    try (var runner = OrtRunner.open(DeepNetwork.model(SEED), 1)) {
      float[] scores = ((NumericTensor) runner.run(Map.of("x", x)).get("score")).toFloats();
      var clicks = new float[ROWS];
      for (int i = 0; i < ROWS; i++) {
        clicks[i] = random.nextFloat() < scores[i] ? 1 : 0;
      }
      return TensorData.floats(Shape.of(ROWS), clicks);
    }
  }
}
