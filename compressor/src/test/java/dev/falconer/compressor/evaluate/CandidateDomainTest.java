package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.packed.Layout;
import dev.falconer.packed.WeightPacker;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CandidateDomainTest {
  /** [out, in] = [2, 3]. */
  private static final float[] WEIGHT = {1, 2, 3, -4, 5, 0};

  static final Map<String, TensorData> FEEDS =
      Map.of("x", TensorData.floats(Shape.of(2, 3), 1, 1, 1, 0, -2, .5f));

  private static final Map<String, TensorData> RESULT =
      Map.of("y", TensorData.floats(Shape.of(2, 2), 6, 1, -2.5f, -10));

  @Test
  void graphsOfTheDomainRunHereAndInAProcessOfTheirOwn() throws IOException {
    try (OrtProcess process = OrtProcess.start(1);
        Runner there = process.open(product("none"));
        Runner here = OrtRunner.open(product("none"), 1)) {
      assertEquals(RESULT, here.run(FEEDS));
      assertEquals(RESULT, there.run(FEEDS));
    }
  }

  @Test
  void whatTheOperatorRefusesIsSaidByName() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class, () -> OrtRunner.open(product("swoosh"), 1).close());

    assertTrue(refusal.getMessage().contains("activation \"swoosh\""), refusal.getMessage());
  }

  /** Returns a graph of one packed product. */
  static Model product(String activation) {
    var graph = new GraphBuilder("product");
    String x = graph.input("x", DType.FLOAT32, "rows", 3);
    byte[] packed = WeightPacker.floats(Layout.DENSE, 2, 3, WEIGHT);
    String weight =
        graph.initializer(
            "weight",
            NumericTensor.copied(
                DType.UINT8, Shape.of(packed.length), MemorySegment.ofArray(packed)));
    String y =
        graph.addIn(
            "dev.falconer",
            "SparseMatMul",
            Map.of("activation", Attribute.of(activation)),
            x,
            weight);
    graph.named("y", "Identity", Map.of(), y);
    graph.output("y", DType.FLOAT32, "rows", 2);
    return new Model(
        graph.build(), Model.IR_VERSION, Map.of("", 20L, "dev.falconer", 1L), Map.of());
  }
}
