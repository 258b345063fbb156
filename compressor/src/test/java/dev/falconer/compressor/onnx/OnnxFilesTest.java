package dev.falconer.compressor.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFilesTest {
  @TempDir Path folder;

  @Test
  void readsBackEveryKindOfAttributeAndTensor() throws IOException {
    Model model = model();
    Path file = folder.resolve("model.onnx");

    OnnxWriter.write(model, file);

    assertEquals(model, OnnxReader.read(file));
    assertArrayEquals(Files.readAllBytes(file), OnnxWriter.toBytes(OnnxReader.read(file)));
  }

  @Test
  void graphsShareEqualWeightsOfOneFile() throws IOException {
    var weights = new ExternalWeights("weights.bin");
    OnnxWriter.write(model(), folder.resolve("user.onnx"), weights);
    OnnxWriter.write(model(), folder.resolve("candidate.onnx"), weights);
    weights.write(folder);

    assertEquals(2048, Files.size(folder.resolve("weights.bin")));
    assertTrue(Files.size(folder.resolve("user.onnx")) < 2048);
    assertEquals(model(), OnnxReader.read(folder.resolve("user.onnx")));
    assertEquals(model(), OnnxReader.read(folder.resolve("candidate.onnx")));
  }

  @Test
  void largeWeightsStayInTheFile() throws IOException {
    var graph = new GraphBuilder("g");
    String x = graph.input("x", DType.FLOAT32, "n", 256);
    var values = new float[256 * 256];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    graph.initializer("small", TensorData.vector(1, 2, 3));
    String w = graph.initializer("large", TensorData.floats(Shape.of(256, 256), values));
    graph.named("y", "MatMul", Map.of(), x, w);
    graph.output("y", DType.FLOAT32, "n", 256);
    Model model = new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(model, file);

    Model read = OnnxReader.read(file);

    assertEquals(model, read);
    var large = (NumericTensor) read.graph().initializers().get("large");
    assertTrue(large.bytes().isMapped());
    var weights = new ExternalWeights("weights.bin");
    OnnxWriter.write(read, folder.resolve("apart.onnx"), weights);
    weights.write(folder);
    assertEquals(model, OnnxReader.read(folder.resolve("apart.onnx")));
    OnnxWriter.write(read, file); // over the file that it reads
    assertEquals(model, read);
  }

  @Test
  void namesTheFileThatIsNoModel() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.onnx"), "broken");

    var refusal = assertThrows(IllegalArgumentException.class, () -> OnnxReader.read(file));

    assertTrue(refusal.getMessage().contains("broken.onnx"), refusal.getMessage());
  }

  @Test
  void refusesAValueThatIsDefinedTwice() {
    var twice = new GraphBuilder("g");
    twice.input("x", DType.FLOAT32, "n");
    twice.named("x", "Relu", Map.of(), "x");

    assertThrows(IllegalArgumentException.class, twice::build);
  }

  private static Model model() {
    var graph = new GraphBuilder("g");
    graph.input("x", DType.FLOAT32, "n", 512);
    graph.initializer("w", NumericTensor.allocate(DType.FLOAT32, Shape.of(512)));
    graph.initializer("names", TensorData.strings(Shape.of(2), List.of("a", "ü")));
    graph.initializer("flags", TensorData.bools(Shape.of(3), true, false, true));
    graph.initializer("half", NumericTensor.allocate(DType.FLOAT16, Shape.of(2, 0)));
    String sum = graph.plus("x", "w");
    graph.named(
        "y",
        "Everything",
        Map.of(
            "int", Attribute.of(-3),
            "float", Attribute.of(0.25f),
            "text", Attribute.of("ü"),
            "ints", Attribute.ints(1, 2),
            "floats", new Attribute.FloatsAttr(List.of(1f, 2f)),
            "texts", new Attribute.TextsAttr(List.of("a", "b")),
            "tensor", Attribute.of(TensorData.doubles(Shape.of(2), 1, 2)),
            "body", new Attribute.GraphAttr(new GraphBuilder("body").build())),
        sum,
        "");
    graph.output("y", DType.FLOAT32, "n", 512);
    return new Model(
        graph.build(),
        Model.IR_VERSION,
        Map.of("", 20L, "ai.onnx.ml", 4L),
        Map.of("falconer.tasks", "[\"click\"]"));
  }
}
