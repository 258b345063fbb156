package dev.falconer.compressor.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TorchGraphTest {
  private static NumericTensor run(TorchGraph graph, Map<String, TensorData> feeds, String wanted) {
    try (var _ = new PointerScope()) {
      return graph.infer(feeds, Set.of(wanted)).copy(wanted);
    }
  }

  @Test
  void listsEveryMissingOperatorAtOnce() {
    var model =
        new SmallGraph(1)
            .input("x", DType.FLOAT32, 3)
            .node("Frobnicate", "a", "x")
            .node("Relu", "b", "a")
            .node("com.example", "Widget", List.of("y"), List.of("b"), Map.of())
            .model("y");

    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> TorchGraph.of(model, TorchOptions.standard()));

    assertTrue(refused.getMessage().contains("Frobnicate (node \"a_node\")"), refused.getMessage());
    assertTrue(
        refused.getMessage().contains("com.example.Widget (node \"y_node\")"),
        refused.getMessage());
  }

  @Test
  void namesTheNodeThatFails() {
    var model =
        new SmallGraph(1)
            .input("x", DType.FLOAT32, 2, 3)
            .parameter("w", -1, 1, 4, 5)
            .node("MatMul", "y", "x", "w")
            .model("y");
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      Map<String, TensorData> feeds = Map.of("x", TensorData.floats(Shape.of(2, 3), new float[6]));

      var failed = assertThrows(IllegalArgumentException.class, () -> run(graph, feeds, "y"));

      assertTrue(failed.getMessage().contains("\"y_node\" (MatMul)"), failed.getMessage());
      assertTrue(failed.getMessage().contains("[2, 3], [4, 5]"), failed.getMessage());
    }
  }

  @Test
  void givesAnyValueInsideAndRunsOnlyWhatItNeeds() {
    var model =
        new SmallGraph(1)
            .input("x", DType.FLOAT32, 2)
            .input("never_fed", DType.FLOAT32, 2)
            .node("Neg", "inside", "x")
            .node("Add", "y", "inside", "never_fed")
            .model("y");
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      NumericTensor inside =
          run(graph, Map.of("x", TensorData.floats(Shape.of(2), 1, 2)), "inside");

      assertArrayEquals(new float[] {-1, -2}, inside.toFloats());
    }
  }

  @Test
  void mapsIdsToRowsAndUnknownOnesToTheDefault() {
    Map<String, Attribute> numbers =
        Map.of(
            "keys_int64s",
            Attribute.ints(-7, 1L << 40, 5),
            "values_int64s",
            Attribute.ints(1, 2, 3),
            "default_int64",
            Attribute.of(0));
    Map<String, Attribute> texts =
        Map.of(
            "keys_strings",
            new Attribute.TextsAttr(List.of("a", "b")),
            "values_int64s",
            Attribute.ints(1, 2),
            "default_int64",
            Attribute.of(0));
    var model =
        new SmallGraph(1)
            .input("id", DType.INT64, "n", 2)
            .input("name", DType.STRING, "n")
            .node("ai.onnx.ml", "LabelEncoder", List.of("row"), List.of("id"), numbers)
            .node("ai.onnx.ml", "LabelEncoder", List.of("named"), List.of("name"), texts)
            .model("row", "named");
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      NumericTensor rows =
          run(graph, Map.of("id", TensorData.longs(Shape.of(2, 2), 5, 6, 1L << 40, -7)), "row");
      NumericTensor named =
          run(
              graph,
              Map.of("name", TensorData.strings(Shape.of(3), List.of("b", "c", "a"))),
              "named");

      assertArrayEquals(new long[] {3, 0, 2, 1}, rows.toLongs());
      assertEquals(Shape.of(2, 2), rows.shape());
      assertArrayEquals(new long[] {2, 0, 1}, named.toLongs());
    }
  }

  @Test
  void integerMatrixProductEqualsLongArithmetic() {
    var a = TensorData.longs(Shape.of(2, 3), 255, 0, 7, 128, 130, 1);
    var b = TensorData.longs(Shape.of(3, 2), 63, -64, 1, 2, -3, 4);
    var model =
        new SmallGraph(1)
            .constant("a64", a)
            .constant("b64", b)
            .constant("z64", TensorData.scalar(128L))
            .node("Cast", "a", List.of("a64"), Map.of("to", Attribute.of(DType.UINT8.onnx())))
            .node("Cast", "b", List.of("b64"), Map.of("to", Attribute.of(DType.INT8.onnx())))
            .node("Cast", "z", List.of("z64"), Map.of("to", Attribute.of(DType.UINT8.onnx())))
            .node("MatMulInteger", "y", "a", "b", "z")
            .model("y");
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      NumericTensor y = run(graph, Map.of(), "y");

      assertEquals(DType.INT32, y.dtype());
      assertArrayEquals(
          new long[] {
            127 * 63 - 128 + 121 * 3, 127 * -64 - 256 - 121 * 4, 2 + 127 * 3, 4 - 127 * 4
          },
          y.toLongs());
    }
  }

  @Test
  void quantisesToTheNearestLevelAndSaturates() {
    var model =
        new SmallGraph(1)
            .input("x", DType.FLOAT32, 4)
            .constant("scale", TensorData.scalar(.5f))
            .constant("z64", TensorData.scalar(10L))
            .node("Cast", "z", List.of("z64"), Map.of("to", Attribute.of(DType.UINT8.onnx())))
            .node("QuantizeLinear", "q", "x", "scale", "z")
            .node("DequantizeLinear", "y", "q", "scale", "z")
            .model("y");
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      var x = TensorData.floats(Shape.of(4), .26f, -100, 1000, -1.24f);

      NumericTensor y = run(graph, Map.of("x", x), "y");

      assertArrayEquals(new float[] {.5f, -5, 122.5f, -1}, y.toFloats());
    }
  }

  @Test
  void bigTablesGetGradientsOfTheRowsRead() {
    var model =
        new SmallGraph(1)
            .parameter("table", -1, 1, 100, 3)
            .constant("rows", TensorData.vector(4, 90, 4))
            .node("Gather", "y", "table", "rows")
            .model("y");
    try (var graph = TorchGraph.of(model, new TorchOptions(false, 100, false));
        var _ = new PointerScope()) {
      graph.forward(Map.of(), Set.of("y")).get("y").sum().backward();

      assertEquals(Set.of("table"), graph.rowWise());
      Tensor gradient = graph.parameters().get("table").grad().coalesce();
      assertTrue(gradient.is_sparse());
      assertArrayEquals(new long[] {4, 90}, Tensors.copy(gradient.indices().reshape(-1)).toLongs());
      assertArrayEquals(new float[] {2, 2, 2, 1, 1, 1}, Tensors.copy(gradient.values()).toFloats());
    }
  }

  @Test
  void aThousandStepsLeakNothing() {
    var model =
        new SmallGraph(1)
            .input("x", DType.FLOAT32, "n", 64)
            .parameter("w", -1, 1, 64, 256)
            .node("MatMul", "h", "x", "w")
            .node("Gelu", "y", "h")
            .model("y");
    Map<String, TensorData> feeds =
        Map.of("x", TensorData.floats(Shape.of(128, 64), new float[128 * 64]));
    try (var graph = TorchGraph.of(model, TorchOptions.standard())) {
      long live = 0;
      for (int step = 0; step < 1000; step++) {
        try (var _ = new PointerScope()) {
          graph.forward(feeds, Set.of("y")).get("y").sum().backward();
          graph.parameters().get("w").mutable_grad().reset();
        }
        if (step == 10) {
          live = Pointer.totalCount();
        }
      }

      assertEquals(live, Pointer.totalCount(), "native objects grew with the steps");
      assertFalse(Pointer.totalBytes() > 1 << 20, "JavaCPP holds " + Pointer.totalBytes());
    }
  }
}
