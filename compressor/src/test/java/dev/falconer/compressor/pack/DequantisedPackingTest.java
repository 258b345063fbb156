package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Weights that were quantised before. */
class DequantisedPackingTest {
  private static final long SEED = 29;
  private static final int IN = 32;
  private static final int OUT = 16;
  private final Random random = new Random(SEED);

  @Test
  void oneScaleOfAWeight() {
    var graph = new GraphBuilder("tensor");
    String w =
        graph.add(
            "DequantizeLinear",
            graph.initializer("w", bytes(DType.INT8, 255, IN, OUT)),
            graph.initializer("s", TensorData.scalar(.01f)));

    keepsItsLevels(graph, "MatMul", w);
  }

  @Test
  void aScaleOfEveryOutputAndZeros() {
    var graph = new GraphBuilder("outputs");
    String w =
        graph.add(
            "DequantizeLinear",
            Map.of("axis", Attribute.of(0)),
            graph.initializer("w", bytes(DType.UINT8, 16, OUT, IN)),
            graph.initializer("s", scales(OUT)),
            graph.initializer("z", bytes(DType.UINT8, 16, OUT)));

    keepsItsLevels(graph, "MatMul", graph.transpose(w, 1, 0));
  }

  @Test
  void blocksOfInputs() {
    var graph = new GraphBuilder("blocks");
    String w =
        graph.add(
            "DequantizeLinear",
            Map.of("axis", Attribute.of(0), "block_size", Attribute.of(8)),
            graph.initializer("w", bytes(DType.INT8, 16, IN, OUT)),
            graph.initializer("s", scales(IN / 8, OUT)));

    Model plain = model(graph, "MatMul", w, 21);

    assertEquals(1, Packing.of(plain, PackOptions.FLOATS).report().count("SparseMatMul"));
    assertTrue(difference(plain, PackOptions.FLOATS) < 1e-5, "seed " + SEED);
  }

  @Test
  void codesOfFourBits() {
    for (boolean hasZeros : new boolean[] {false, true}) {
      var graph = new GraphBuilder("codes");
      String x = graph.input("x", DType.FLOAT32, "candidates", IN);
      String codes = graph.initializer("w", bytes(DType.UINT8, 256, OUT, 1, IN / 2));
      String scale = graph.initializer("s", scales(OUT, 1));
      String zeros = hasZeros ? graph.initializer("z", bytes(DType.UINT8, 16, OUT, 1)) : "";
      String bias = graph.initializer("b", scales(OUT));
      Map<String, Attribute> attributes =
          Map.of(
              "K", Attribute.of(IN),
              "N", Attribute.of(OUT),
              "bits", Attribute.of(4),
              "block_size", Attribute.of(IN),
              "accuracy_level", Attribute.of(1));
      String y =
          graph.addIn("com.microsoft", "MatMulNBits", attributes, x, codes, scale, zeros, "", bias);
      graph.named("y", "Relu", Map.of(), y);
      graph.output("y", DType.FLOAT32);
      Model plain =
          new Model(
              graph.build(), Model.IR_VERSION, Map.of("", 20L, "com.microsoft", 1L), Map.of());

      keepsItsLevels(plain);
    }
  }

  private void keepsItsLevels(GraphBuilder graph, String type, String w) {
    keepsItsLevels(model(graph, type, w, 20));
  }

  private static Model model(GraphBuilder graph, String type, String w, long opset) {
    String x = graph.input("x", DType.FLOAT32, "candidates", IN);
    graph.named("y", type, Map.of(), x, w);
    graph.output("y", DType.FLOAT32);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", opset), Map.of());
  }

  /** Rows of a single one are not rounded: what differs is the weights. */
  private static void keepsItsLevels(Model plain) {
    assertTrue(difference(plain, PackOptions.FLOATS) < 1e-6, "seed " + SEED);
    assertTrue(difference(plain, PackOptions.BYTES) < 1e-6, "seed " + SEED);
    Packed packed = Packing.of(plain, PackOptions.BYTES);
    assertTrue(packed.report().nodes().getFirst().weights().getFirst().isInt8());
    assertEquals(1, packed.model().graph().nodes().size());
  }

  private static double difference(Model plain, PackOptions options) {
    var ones = new float[IN * IN];
    for (int i = 0; i < IN; i++) {
      ones[i * IN + i] = 1;
    }
    Map<String, TensorData> feeds = Map.of("x", TensorData.floats(Shape.of(IN, IN), ones));
    double largest = 0;
    try (Runner a = OrtRunner.open(plain, 1);
        Runner b = OrtRunner.open(Packing.of(plain, options).model(), 1)) {
      var wanted = (NumericTensor) a.run(feeds).get("y");
      var got = (NumericTensor) b.run(feeds).get("y");
      for (long i = 0; i < IN * OUT; i++) {
        largest = Math.max(largest, Math.abs(wanted.at(i) - got.at(i)));
      }
    }
    return largest;
  }

  private NumericTensor scales(long... dims) {
    Shape shape = Shape.of(dims);
    var values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = .01f + .1f * random.nextFloat();
    }
    return TensorData.floats(shape, values);
  }

  /** Returns bytes of the first so many values, for signed ones around 0. */
  private NumericTensor bytes(DType dtype, int values, long... dims) {
    NumericTensor tensor = NumericTensor.allocate(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.shape().size(); i++) {
      int value = random.nextInt(values) - (dtype == DType.INT8 ? values / 2 : 0);
      tensor.bytes().set(ValueLayout.JAVA_BYTE, i, (byte) value);
    }
    return tensor;
  }
}
