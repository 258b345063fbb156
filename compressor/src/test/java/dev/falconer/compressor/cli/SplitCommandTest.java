package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.zoo.CandidateSelf;
import dev.falconer.compressor.zoo.Fusion;
import dev.falconer.compressor.zoo.HistoryMask;
import dev.falconer.compressor.zoo.RankerConfig;
import dev.falconer.compressor.zoo.Rankers;
import dev.falconer.compressor.zoo.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SplitCommandTest {
  @TempDir Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void writesBothGraphsAndSaysWhatIsSaved() throws IOException {
    Path json = folder.resolve("report.json");
    Path split = folder.resolve("models/feed/1");

    int status =
        run("--model", model(Fusion.APPEND), "--out", split.toString(), "--json", json.toString());

    assertEquals(0, status, err.toString());
    assertTrue(Files.isRegularFile(split.resolve("user.onnx")));
    assertTrue(Files.isRegularFile(split.resolve("candidate.onnx")));
    assertTrue(Files.isRegularFile(split.resolve("weights.bin")));
    var manifest = ManifestFile.read(split);
    assertEquals("feed", manifest.getName());
    assertEquals(List.of("click"), manifest.getTasksList());
    assertTrue(out.toString().contains("predicted saving"), out.toString());
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertEquals(4, report.get("state").size());
    assertTrue(report.get("predicted_saving").get("256").asDouble() > 2);
  }

  @Test
  void drawsTheGraphOnAPageThatNeedsNoNetwork() throws IOException {
    Path html = folder.resolve("split.html");
    Path json = folder.resolve("report.json");

    int status =
        run("--model", model(Fusion.APPEND), "--html", html.toString(), "--json", json.toString());

    assertEquals(0, status, err.toString());
    String page = Files.readString(html);
    assertTrue(page.contains("<title>model.onnx: "), page.substring(0, 600));
    assertFalse(page.replace("http://www.w3.org/2000/svg", "").contains("http"));
    assertFalse(page.contains("{{"), "every part is filled");
    for (JsonNode tensor : new ObjectMapper().readTree(json.toFile()).get("state")) {
      String state =
          "<g class=\"box frontier\" data-id=\"\\d+\"><title>state "
              + Pattern.quote(tensor.get("name").asText());
      assertEquals(1, Pattern.compile(state).matcher(page).results().count(), state);
    }
    for (String side : List.of("user", "request", "candidate")) {
      assertTrue(page.contains("<g class=\"box " + side + "\""), side);
    }
    assertTrue(page.contains("LayerNormalization &quot;layer0.candidate"), "tooltips name nodes");
    assertTrue(page.contains("operations, per candidate"), "tooltips give operations");
  }

  @Test
  void refusalExitsThreeOnOneLineAndWritesNothing() throws IOException {
    Path split = folder.resolve("models/feed/1");

    int status = run("--model", model(Fusion.CONCAT), "--out", split.toString());

    assertEquals(3, status);
    assertFalse(Files.exists(folder.resolve("models")));
    assertTrue(err.toString().startsWith("no-gain: node \""), err.toString());
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void namesAnInputThatTheModelDoesNotHave() throws IOException {
    int status = run("--model", model(Fusion.APPEND), "--user", "age");

    assertEquals(1, status);
    assertTrue(err.toString().contains("no input \"age\""), err.toString());
  }

  @Test
  void aStateThatTheServerCannotKeepIsNotPublished() throws IOException {
    var graph = new GraphBuilder("pairs");
    String events = graph.input("events", DType.FLOAT32, "B", "n", 4);
    String item = graph.input("item", DType.FLOAT32, "B", 1, 1);
    String pairs = graph.add("Tanh", graph.matmul(events, graph.transpose(events, 0, 2, 1)));
    String met = graph.add("Tanh", graph.plus(pairs, item));
    graph.named("score", "ReduceSum", Map.of(), met, graph.vector(1, 2));
    graph.output("score", DType.FLOAT32, "B", 1, 1);
    Path file = folder.resolve("pairs.onnx");
    OnnxWriter.write(new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of()), file);

    int status =
        run(
            "--model",
            file.toString(),
            "--user",
            "events",
            "--candidate",
            "item",
            "--out",
            folder.resolve("models/pairs/1").toString());

    assertEquals(1, status, err.toString());
    assertTrue(err.toString().contains("fixed history length"), err.toString());
    assertFalse(Files.exists(folder.resolve("models/pairs/1")));
  }

  @Test
  void publishesToAVersionFolderOnly() throws IOException {
    int status = run("--model", model(Fusion.APPEND), "--out", folder.resolve("split").toString());

    assertEquals(1, status);
    assertTrue(err.toString().contains("want REPOSITORY/NAME/VERSION"), err.toString());
  }

  private int run(String... arguments) {
    return new CommandLine(new SplitCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler((problem, command, _) -> {
          command.getErr().println(problem.getMessage());
          return 1;
        })
        .execute(arguments);
  }

  private String model(Fusion fusion) throws IOException {
    var config =
        new RankerConfig(
            fusion,
            HistoryMask.CAUSAL,
            CandidateSelf.NONE,
            16,
            fusion == Fusion.CONCAT ? 4 : 2,
            2,
            20,
            2,
            1,
            List.of(8),
            List.of("click"),
            3,
            0,
            0,
            2,
            1);
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(Rankers.build(config, Vocabulary.counting(30), 5), file);
    return file.toString();
  }
}
