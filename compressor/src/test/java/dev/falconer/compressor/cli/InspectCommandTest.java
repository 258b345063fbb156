package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.ExternalWeights;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InspectCommandTest {
  private static final int ITEMS = 50;
  private static final int WIDTH = 8;

  @TempDir Path folder = Path.of("");

  private final StringWriter out = new StringWriter();

  @Test
  void saysWhatTheFileHoldsAndOffersTheSplit() throws IOException {
    Path file = folder.resolve("ranker.onnx");
    Path json = folder.resolve("facts.json");
    OnnxWriter.write(pooled("item_id", "hour"), file);

    inspect(file.toString(), "--json", json.toString());

    assertTrue(out.toString().contains("Gather 2"), out.toString());
    assertTrue(
        out.toString()
            .contains(
                "falconer split --model "
                    + file
                    + " --user hist_item_id --candidate item_id --context hour --out models/ranker/1"),
        out.toString());
    JsonNode facts = new ObjectMapper().readTree(json.toFile());
    assertEquals("USER", facts.at("/inputs/0/looks_like").asText());
    assertEquals("[\"rows\",\"events\"]", facts.at("/inputs/0/axes").toString());
    assertEquals("CANDIDATE", facts.at("/inputs/1/looks_like").asText());
    assertEquals("CONTEXT", facts.at("/inputs/2/looks_like").asText());
    assertEquals(2, facts.at("/operators/Gather").asInt());
    assertEquals(20, facts.at("/opsets/ai.onnx").asInt());
    assertEquals(ITEMS * WIDTH + 3 * WIDTH, facts.at("/parameters").asInt());
    assertEquals(4 * (ITEMS * WIDTH + 3 * WIDTH) + 8, facts.at("/weight_bytes").asInt());
    // A product [1, 24] x [24, 1], a mean over 100 events of 8, the score's sigmoid.
    assertEquals(2 * 24 + 800 + 1, facts.at("/work_per_row/operations").asDouble());
    assertTrue(facts.at("/outlook/splits").asBoolean(), facts.toString());
  }

  @Test
  void readsWeightsThatLieBesideTheModel() throws IOException {
    Path file = folder.resolve("ranker.onnx");
    var weights = new ExternalWeights("ranker.onnx.data");
    OnnxWriter.write(pooled("item_id", "hour"), file, weights);
    weights.write(folder);

    inspect(file.toString());

    assertTrue(out.toString().contains("424 parameters, 1704 B of weights"), out.toString());
    assertTrue(out.toString().contains("--candidate item_id"), out.toString());
  }

  @Test
  void anInputThatTellsNothingStaysOpen() throws IOException {
    Path file = folder.resolve("ranker.onnx");
    OnnxWriter.write(pooled("item_id", "x7"), file);

    inspect(file.toString());

    assertTrue(out.toString().contains("whose is open"), out.toString());
    assertTrue(
        out.toString().contains("to split, once you add the inputs whose owner is open"),
        out.toString());
  }

  @Test
  void saysWhyAModelWouldBeRefused() throws IOException {
    Path file = folder.resolve("mixing.onnx");
    var graph = new GraphBuilder("mixing");
    String user = graph.input("user_age", DType.FLOAT32, "B", 1);
    String item = graph.input("item_price", DType.FLOAT32, "B", 1);
    String sum = graph.plus(graph.add("Tanh", user), item);
    graph.named("score", "Softmax", Map.of("axis", Attribute.of(0)), sum);
    graph.output("score", DType.FLOAT32, "B", 1);
    OnnxWriter.write(new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of()), file);

    inspect(file.toString());

    assertTrue(out.toString().contains("it is not split: mixes-rows: node \"Softmax"));
    assertTrue(out.toString().contains("2 operations"), out.toString());
    assertTrue(out.toString().contains("without 1 nodes"), out.toString());
  }

  /** The mean of the history beside the item, and a linear score. */
  private static Model pooled(String item, String context) {
    var graph = new GraphBuilder("pooled");
    String history = graph.input("hist_item_id", DType.INT64, "B", "events");
    String candidate = graph.input(item, DType.INT64, "B");
    String hour = graph.input(context, DType.FLOAT32, "B", WIDTH);
    String table = graph.initializer("items", zeros(ITEMS, WIDTH));
    String mean =
        graph.add(
            "ReduceMean",
            Map.of("keepdims", Attribute.of(0)),
            graph.gather(table, history),
            graph.vector(1));
    String all = graph.concat(1, mean, graph.gather(table, candidate), hour);
    String score = graph.matmul(all, graph.initializer("weight", zeros(3 * WIDTH, 1)));
    graph.named("score", "Sigmoid", Map.of(), score);
    graph.output("score", DType.FLOAT32, "B", 1);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  private static TensorData zeros(int rows, int columns) {
    return TensorData.floats(Shape.of(rows, columns), new float[rows * columns]);
  }

  private void inspect(String... arguments) {
    var err = new StringWriter();
    int status =
        new CommandLine(new InspectCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertEquals(0, status, err.toString());
  }
}
