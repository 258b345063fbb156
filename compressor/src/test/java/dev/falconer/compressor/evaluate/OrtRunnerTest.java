package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxWriter;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class OrtRunnerTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"STRING", "UINT16", "UINT32", "UINT64"},
      mode = Mode.EXCLUDE)
  void carriesEveryNumberTypeThereAndBack(DType dtype) {
    NumericTensor tensor = NumericTensor.allocate(dtype, Shape.of(2, 3));
    for (long i = 0; i < tensor.bytes().byteSize(); i++) {
      tensor.bytes().set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) (i % 2));
    }
    try (Runner runner = OrtRunner.factory(1).open(identity(dtype))) {
      assertEquals(Map.of("y", tensor), runner.run(Map.of("x", tensor)));
    }
  }

  @Test
  void carriesStringsScalarsAndEmptyTensors() {
    TensorData strings = TensorData.strings(Shape.of(2, 2), List.of("a", "", "日本", "d"));
    TensorData none = TensorData.strings(Shape.of(0, 2), List.of());
    try (Runner runner = OrtRunner.factory(1).open(identity(DType.STRING))) {
      assertEquals(Map.of("y", strings), runner.run(Map.of("x", strings)));
      assertEquals(Map.of("y", none), runner.run(Map.of("x", none)));
    }
    try (Runner runner = OrtRunner.factory(1).open(identity(DType.FLOAT32))) {
      for (TensorData tensor :
          List.of(TensorData.scalar(3f), TensorData.floats(Shape.of(1, 0, 4)))) {
        assertEquals(Map.of("y", tensor), runner.run(Map.of("x", tensor)));
      }
    }
  }

  @Test
  void outputsStayValidAfterTheRunnerIsClosed() {
    TensorData tensor = TensorData.floats(Shape.of(3), 1, 2, 3);
    Map<String, TensorData> result;
    try (Runner runner = OrtRunner.factory(1).open(identity(DType.FLOAT32))) {
      result = runner.run(Map.of("x", tensor));
    }

    assertEquals(tensor, result.get("y"));
  }

  @Test
  void runsAFileWithItsWeightsBeside(@TempDir Path folder) throws java.io.IOException {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(identity(DType.INT64), file);

    try (OrtRunner runner = OrtRunner.open(file, 1)) {
      assertEquals(
          Map.of("y", TensorData.vector(4, 5)), runner.run(Map.of("x", TensorData.vector(4, 5))));
      assertEquals(
          Set.of("y"), runner.run(Map.of("x", TensorData.vector(4)), Set.of("y")).keySet());
    }
  }

  @Test
  void refusesFeedsThatDoNotFitAndSaysWhatItReads() {
    try (Runner runner = OrtRunner.factory(1).open(identity(DType.FLOAT32))) {
      String missing = message(() -> runner.run(Map.of()));
      assertTrue(missing.contains("[x]"), missing);
      String dtype = message(() -> runner.run(Map.of("x", TensorData.vector(1))));
      assertTrue(dtype.contains("float"), dtype);
    }
  }

  @Test
  void refusesAModelWithTheRuntimesReason() {
    var bad = model(DType.FLOAT32, Node.of("n", "NoSuchOp", List.of("x"), List.of("y"), Map.of()));

    String reason = message(() -> OrtRunner.factory(1).open(bad));
    assertTrue(reason.contains("NoSuchOp"), reason);
    String absent = message(() -> OrtRunner.open(Path.of("no-such.onnx"), 1));
    assertTrue(absent.contains("no-such.onnx"), absent);
  }

  @Test
  void closesTwiceAndRefusesToRunAfterwards() {
    Runner runner = OrtRunner.factory(1).open(identity(DType.FLOAT32));
    runner.close();
    runner.close();

    assertThrows(IllegalStateException.class, () -> runner.run(Map.of("x", TensorData.scalar(1f))));
  }

  private static String message(org.junit.jupiter.api.function.Executable executable) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  private static Model identity(DType dtype) {
    return model(dtype, Node.of("n", "Identity", List.of("x"), List.of("y"), Map.of()));
  }

  private static Model model(DType dtype, Node node) {
    return new Model(
        new Graph(
            "g",
            List.of(new ValueInfo("x", dtype, null)),
            List.of(new ValueInfo("y", dtype, null)),
            Map.of(),
            List.of(node)),
        Model.IR_VERSION,
        Map.of("", 20L),
        Map.of());
  }
}
