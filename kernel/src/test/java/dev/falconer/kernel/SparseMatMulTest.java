package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.falconer.packed.Layout;
import dev.falconer.packed.Rounding;
import dev.falconer.packed.WeightPacker;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SparseMatMul in a graph against the product in plain numbers. */
class SparseMatMulTest {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();
  private static final Operators OPERATORS =
      new Operators(List.of(SparseMatMul.by(Execution.scalar())));
  private static final int IN = 40;
  private static final int OUT = 24;
  private static final long SEED = 5;

  private static float[] weight() {
    var random = new Random(SEED);
    var weight = new float[OUT * IN];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = i % 3 == 0 ? (float) random.nextGaussian() : 0;
    }
    return weight;
  }

  @ParameterizedTest
  @EnumSource(
      value = Layout.class,
      names = {"DENSE", "PERMUTE16", "PANEL16"})
  void aNodeMultipliesAddsAndActivates(Layout layout) throws OrtException {
    float[] weight = weight();
    byte[] packed = WeightPacker.floats(layout, OUT, IN, weight);
    int rows = 5;
    var random = new Random(SEED + 1);
    var x = new float[rows * IN];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    try (OrtSession session = open(model(packed, OUT, "relu"))) {
      float[] y = run(session, x);
      for (int r = 0; r < rows; r++) {
        for (int o = 0; o < OUT; o++) {
          double sum = o - 10;
          for (int i = 0; i < IN; i++) {
            sum += (double) x[r * IN + i] * weight[o * IN + i];
          }
          assertEquals(Math.max(0, sum), y[r * OUT + o], 1e-5, "seed " + SEED);
        }
      }
    }
  }

  @Test
  void whatDoesNotFitIsNamed() throws OrtException {
    byte[] packed = WeightPacker.floats(Layout.DENSE, OUT, IN, weight());
    assertRefused(
        "\"n\": activation \"swish\", want one of none, relu", model(packed, OUT, "swish"));
    byte[] broken = packed.clone();
    broken[0] = 0;
    assertRefused("\"n\": input 1: no packed weight", model(broken, OUT, "none"));
    byte[] panels = WeightPacker.floats(Layout.PANEL16, OUT, IN, weight());
    panels[192] = 99; // the first input of the first panel
    assertRefused("input 99 of 40", model(panels, OUT, "none"));
    for (Layout layout : Layout.values()) {
      var levels = new byte[OUT * IN];
      levels[7] = 60;
      byte[] small =
          WeightPacker.levels(layout, OUT, IN, levels, new float[OUT], Rounding.plain(127, IN));
      small[32] = 59; // the largest level
      assertRefused("a level is 60", model(small, OUT, "none"));
    }
    NodeProto node =
        OneNode.node("SparseMatMul", "x", "x")
            .addAttribute(OneNode.text("activation", "none"))
            .build();
    assertRefused("Type Error", OneNode.model(node, List.of(), IN, OUT));
    assertRefused("\"n\": input 2 is [23], want [24]", model(packed, OUT - 1, "none"));
  }

  private static void assertRefused(String message, byte[] model) {
    var error = assertThrows(OrtException.class, () -> open(model).close());
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  private static byte[] model(byte[] packed, int biases, String activation) {
    ByteBuffer bias = ByteBuffer.allocate(4 * biases).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < biases; o++) {
      bias.putFloat(o - 10);
    }
    var constants = new ArrayList<TensorProto>();
    constants.add(
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.UINT8_VALUE)
            .addDims(packed.length)
            .setRawData(ByteString.copyFrom(packed))
            .build());
    constants.add(
        TensorProto.newBuilder()
            .setName("bias")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(biases)
            .setRawData(ByteString.copyFrom(bias.flip()))
            .build());
    NodeProto node =
        OneNode.node("SparseMatMul", "x", "w", "bias")
            .addAttribute(OneNode.text("activation", activation))
            .build();
    return OneNode.model(node, constants, IN, OUT);
  }

  private static OrtSession open(byte[] model) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      OPERATORS.addTo(options);
      return ENVIRONMENT.createSession(model, options);
    }
  }

  private static float[] run(OrtSession session, float[] x) throws OrtException {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                ENVIRONMENT, FloatBuffer.wrap(x), new long[] {x.length / IN, IN});
        OrtSession.Result result = session.run(Map.of("x", input))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      var values = new float[y.remaining()];
      y.get(values);
      return values;
    }
  }
}
