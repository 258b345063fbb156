package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.data.Logs;
import dev.falconer.compressor.data.Progress;
import dev.falconer.compressor.evaluate.TinyFeed;
import dev.falconer.compressor.layer.LinearLayer;
import dev.falconer.compressor.layer.LinearLayers;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.zoo.Fusion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir static Path folder;

  @BeforeAll
  static void writesALogAndAModel() throws IOException {
    new CompressCommandTest()
        .run(
            "generate",
            "--out",
            path("log"),
            "--users",
            "40",
            "--items",
            "60",
            "--requests",
            "400");
    var examples = Logs.open(folder.resolve("log"), Optional.empty(), Progress.NONE);
    OnnxWriter.write(TinyFeed.ranker(examples, Fusion.APPEND), folder.resolve("model.onnx"));
  }

  @Test
  void prunesTrainsUnderTheMaskQuantisesAndReports() throws IOException {
    int status =
        run(
            "compress",
            "--model",
            path("model.onnx"),
            "--teacher",
            path("model.onnx"),
            "--data",
            path("log"),
            "--pattern",
            "1:4",
            "--out",
            path("sparse.onnx"),
            "--int8-out",
            path("int8.onnx"));

    assertEquals(0, status, err.toString());
    Model before = OnnxReader.read(folder.resolve("model.onnx"));
    Model sparse = OnnxReader.read(folder.resolve("sparse.onnx"));
    int pruned = 0;
    for (LinearLayer layer : LinearLayers.of(sparse)) {
      Matrix weight = layer.read(sparse.graph());
      if (layer.out() >= 8) {
        assertTrue(mostKeptOfFour(weight) <= 1, layer.weight());
        pruned++;
      } else {
        assertTrue(mostKeptOfFour(weight) > 1, layer.weight() + " stays dense");
      }
    }
    assertTrue(pruned >= 12, pruned + " layers");
    String table = "item_embedding";
    assertTrue(
        !before.graph().initializers().get(table).equals(sparse.graph().initializers().get(table)),
        "trained on");
    Model int8 = OnnxReader.read(folder.resolve("int8.onnx"));
    assertTrue(int8.graph().nodes().stream().anyMatch(node -> node.is("MatMulInteger")));
    assertTrue(Files.size(folder.resolve("int8.onnx")) < Files.size(folder.resolve("sparse.onnx")));
    assertTrue(out.toString().contains("relative error"), out.toString());
    assertTrue(out.toString().contains("int8 less dense"), out.toString());
  }

  @Test
  void withoutTrainingKeptWeightsAreTheModelsOwn() throws IOException {
    int status =
        run(
            "compress",
            "--model",
            path("model.onnx"),
            "--data",
            path("log"),
            "--epochs",
            "0",
            "--solver",
            "magnitude",
            "--out",
            path("sparse.onnx"));

    assertEquals(0, status, err.toString());
    Model before = OnnxReader.read(folder.resolve("model.onnx"));
    Model sparse = OnnxReader.read(folder.resolve("sparse.onnx"));
    for (LinearLayer layer : LinearLayers.of(sparse)) {
      Matrix dense = layer.read(before.graph());
      Matrix kept = layer.read(sparse.graph());
      for (int o = 0; o < layer.out(); o++) {
        for (int i = 0; i < layer.in(); i++) {
          assertTrue(kept.at(o, i) == 0 || kept.at(o, i) == dense.at(o, i), layer.weight());
        }
      }
    }
  }

  @Test
  void aSpeedIsSearchedOnALogAndWhatIsWithinTheGateIsNotTrainedOn() throws IOException {
    JsonNode speed = toSpeed("8:16", "4:16", "--max-auc-loss", "1", "--max-ne-rise", "9");

    assertTrue(out.toString().contains("timed: the candidate graph, 256"), out.toString());
    assertTrue(speed.at("/points/0/isWritten").asBoolean(), speed.toString());
    assertFalse(speed.at("/points/0/isTrained").asBoolean(), speed.toString());
    Model before = OnnxReader.read(folder.resolve("model.onnx"));
    Model fast = OnnxReader.read(folder.resolve("fast.onnx"));
    for (LinearLayer layer : LinearLayers.of(fast)) {
      if (layer.weight().contains(".ffn.")) {
        double[] weights = layer.read(fast.graph()).toArray();
        long zeros = java.util.Arrays.stream(weights).filter(w -> w == 0).count();
        assertTrue(2 * zeros >= weights.length, layer.weight());
      }
    }
    String table = "item_embedding";
    assertEquals(before.graph().initializers().get(table), fast.graph().initializers().get(table));
  }

  @Test
  void whatIsNotWithinTheGateAfterOneShotIsTrainedOn() throws IOException {
    JsonNode speed = toSpeed("1:16", "1:16", "--max-auc-loss", "0", "--max-ne-rise", "0");

    assertTrue(speed.at("/points/0/isTrained").asBoolean(), speed.toString());
    assertTrue(out.toString().contains(", trained on"), out.toString());
  }

  /** Returns the report's part on speed of a search among two patterns of the ffn's layers. */
  private JsonNode toSpeed(String one, String other, String... gate) throws IOException {
    Files.writeString(
        folder.resolve("plan.yaml"),
        ("layers: [{match: '*.ffn.*', options: [{pattern: '%s', solver: wanda},"
                + " {pattern: '%s', solver: wanda}]}]")
            .formatted(one, other));
    List<String> arguments =
        List.of(
            "compress",
            "--model",
            path("model.onnx"),
            "--data",
            path("log"),
            "--plan",
            path("plan.yaml"),
            "--target-speedup",
            "90",
            "--json",
            path("fast.json"),
            "--out",
            path("fast.onnx"));

    int status = run(Stream.concat(arguments.stream(), Stream.of(gate)).toArray(String[]::new));

    assertEquals(3, status, err.toString());
    return new ObjectMapper().readTree(folder.resolve("fast.json").toFile()).get("speed");
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() {
    String[] log = {"compress", "--model", path("model.onnx"), "--data", path("log"), "--out", "o"};
    for (String[] bad :
        new String[][] {
          {"--target-speedup", "2", "--pattern", "2:4"},
          {"--target-speedup", "2", "--int8-out", "i"},
          {"--json", "j"}
        }) {
      var all = new java.util.ArrayList<>(java.util.List.of(log));
      all.addAll(java.util.List.of(bad));

      assertEquals(1, run(all.toArray(new String[0])));
      assertTrue(err.toString().contains(bad[bad.length - 2]), err.toString());
      err.getBuffer().setLength(0);
    }
  }

  @Test
  void evaluateWritesEachModelAndEachDifference() throws IOException {
    OnnxWriter.write(
        TinyFeed.ranker(
            Logs.open(folder.resolve("log"), Optional.empty(), Progress.NONE), Fusion.NONE),
        folder.resolve("none.onnx"));

    int status =
        run(
            "evaluate",
            "--model",
            path("model.onnx"),
            "--against",
            path("none.onnx"),
            "--against",
            path("model.onnx"),
            "--data",
            path("log"),
            "--json",
            path("q.json"));

    assertEquals(0, status, err.toString());
    JsonNode report = new ObjectMapper().readTree(folder.resolve("q.json").toFile());
    JsonNode one = report.get("models").get(path("model.onnx"));
    JsonNode other = report.get("models").get(path("none.onnx"));
    assertEquals(Files.size(folder.resolve("model.onnx")), one.get("bytes").asLong());
    double difference = report.at("/differences/0/tasks/click/auc").asDouble();
    assertEquals(
        one.at("/tasks/click/auc").asDouble() - other.at("/tasks/click/auc").asDouble(),
        difference,
        1e-12);
    assertEquals(0, report.at("/differences/1/tasks/click/auc_ci/1").asDouble());
    assertTrue(one.at("/tasks/click/popularity_auc_ci/0").isNumber());
    assertEquals(60, report.get("requests").asInt());
  }

  @Test
  void everyHelpShowsAnExample() {
    for (String command : new String[] {"compress", "evaluate", "bench"}) {
      run(command, "--help");
      assertTrue(out.toString().contains("falconer " + command + " "), command);
      assertTrue(out.toString().contains("Example"), command);
      out.getBuffer().setLength(0);
    }
  }

  @Test
  void refusesBadPatternsSolversAndSplitsInOneLine() {
    for (String[] bad :
        new String[][] {
          {"--pattern", "4:2"}, {"--solver", "obs"}, {"--split", "90/10"}, {"--kappa", "2"}
        }) {
      int status =
          run(
              "compress",
              "--model",
              path("model.onnx"),
              "--teacher",
              path("model.onnx"),
              "--data",
              path("log"),
              "--out",
              path("bad.onnx"),
              bad[0],
              bad[1]);
      assertEquals(1, status, String.join(" ", bad));
      assertTrue(err.toString().contains(bad[1]), bad[0] + ": " + err);
    }
    assertTrue(Files.notExists(folder.resolve("bad.onnx")));
  }

  private static int mostKeptOfFour(Matrix weight) {
    int most = 0;
    for (int o = 0; o < weight.rows(); o++) {
      for (int from = 0; from < weight.columns(); from += 4) {
        int kept = 0;
        for (int i = from; i < Math.min(weight.columns(), from + 4); i++) {
          kept += weight.at(o, i) != 0 ? 1 : 0;
        }
        most = Math.max(most, kept);
      }
    }
    return most;
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
