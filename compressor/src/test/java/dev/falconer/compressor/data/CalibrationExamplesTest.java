package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertSame;

import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CalibrationExamplesTest {
  @Test
  void theLargestBatchIsTheFirstOfMostNumbers() {
    Map<String, TensorData> empty = batch(0);
    Map<String, TensorData> large = batch(3);

    assertSame(large, CalibrationExamples.largest(List.of(empty, large, batch(3), batch(1))));
    assertSame(empty, CalibrationExamples.largest(List.of(empty)));
  }

  private static Map<String, TensorData> batch(int history) {
    return Map.of(
        "history", TensorData.floats(Shape.of(history), new float[history]),
        "candidate", TensorData.floats(Shape.of(2), new float[2]));
  }
}
