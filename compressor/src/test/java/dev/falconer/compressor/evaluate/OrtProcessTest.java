package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrtProcessTest {
  @Test
  void givesWhatTheSameModelGivesHere() throws IOException {
    Model model = doubled(400);
    Map<String, TensorData> feeds =
        Map.of("x", TensorData.floats(Shape.of(2, 1), 3, -1), "unread", TensorData.vector(1));

    try (OrtProcess process = OrtProcess.start(1);
        Runner there = process.open(model);
        Runner here = OrtRunner.open(model, 1)) {
      assertEquals(here.run(feeds), there.run(feeds));
    }
  }

  @Test
  void survivesAModelThatKillsTheRuntime() throws IOException {
    try (OrtProcess process = OrtProcess.start(1)) {
      Runner doomed = process.open(recurrent());
      Map<String, TensorData> noStep =
          Map.of("x", TensorData.floats(Shape.of(0, 1, 2), new float[0]));

      var death = assertThrows(Runner.Died.class, () -> doomed.run(noStep));
      doomed.close();

      assertTrue(death.getMessage().contains("SIG"), death.getMessage());
      try (Runner next = process.open(doubled(3))) {
        Map<String, TensorData> feeds = Map.of("x", TensorData.floats(Shape.of(1, 1), 4));
        assertEquals(TensorData.floats(Shape.of(1, 3), 8, 8, 8), next.run(feeds).get("y"));
      }
    }
  }

  @Test
  void aModelThatTheRuntimeRefusesIsNoDeath() throws IOException {
    var graph = new GraphBuilder("wrong");
    graph.input("x", DType.FLOAT32, "B", 2);
    graph.named("y", "NoSuchOperator", Map.of(), "x");
    graph.output("y", DType.FLOAT32, "B", 2);

    try (OrtProcess process = OrtProcess.start(1)) {
      var refusal = assertThrows(IllegalArgumentException.class, () -> process.open(model(graph)));

      assertTrue(refusal.getMessage().contains("NoSuchOperator"), refusal.getMessage());
      process.open(doubled(3)).close();
    }
  }

  @Test
  void tensorsOfEveryKindGoThroughTheStream() throws IOException {
    Map<String, TensorData> tensors =
        Map.of(
            "texts", TensorData.strings(Shape.of(2), List.of("", "größer")),
            "none", TensorData.floats(Shape.of(0, 3), new float[0]),
            "scalar", TensorData.scalar(7L),
            "large", TensorData.floats(Shape.of(50_000), new float[50_000]),
            "truth", TensorData.bools(Shape.of(2), true, false));
    var bytes = new ByteArrayOutputStream();

    TensorStream.write(new DataOutputStream(bytes), tensors);

    assertEquals(
        tensors,
        TensorStream.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
  }

  /** x [B, 1] times a row of twos, large enough to lie in a file of weights. */
  private static Model doubled(int width) {
    var graph = new GraphBuilder("doubled");
    String x = graph.input("x", DType.FLOAT32, "B", 1);
    var twos = new float[width];
    java.util.Arrays.fill(twos, 2);
    String weight = graph.initializer("weight", TensorData.floats(Shape.of(1, width), twos));
    graph.named("y", "MatMul", Map.of(), x, weight);
    graph.output("y", DType.FLOAT32, "B", width);
    return model(graph);
  }

  private static Model recurrent() {
    var graph = new GraphBuilder("recurrent");
    String x = graph.input("x", DType.FLOAT32, "steps", 1, 2);
    String w = graph.initializer("w", TensorData.floats(Shape.of(1, 3, 2), new float[6]));
    String r = graph.initializer("r", TensorData.floats(Shape.of(1, 3, 1), new float[3]));
    graph.named("y", "GRU", Map.of("hidden_size", Attribute.of(1)), x, w, r);
    graph.output("y", DType.FLOAT32, "steps", 1, 1, 1);
    return model(graph);
  }

  private static Model model(GraphBuilder graph) {
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }
}
