package dev.falconer.kernel.bench;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.falconer.kernel.Operators;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Models y [m, n] = x [m, k] W, in the forms that are compared. */
final class ProductModel {
  /** Largest level of weights whose products with bytes saturate on no processor. */
  static final int LEVELS = 63;

  private ProductModel() {}

  /**
   * ONNX Runtime's own product in float32.
   *
   * @param weight [n, k]
   */
  static byte[] dense(int k, int n, float[] weight) {
    return model(
        k,
        n,
        List.of(tensor("w", TensorProto.DataType.FLOAT, floats(transposed(k, n, weight)), k, n)),
        List.of(node("MatMul", "y", "x", "w").build()));
  }

  /**
   * ONNX Runtime's own in int8, as {@code compress} writes it: a fixed scale for x.
   *
   * @param weight [n, k]
   * @param most largest magnitude of x
   */
  static byte[] integers(int k, int n, float[] weight, float most) {
    float[] scales = scales(k, n, weight);
    ByteBuffer levels = ByteBuffer.allocate(k * n);
    for (int i = 0; i < k; i++) {
      for (int o = 0; o < n; o++) {
        levels.put((byte) Math.round(weight[o * k + i] / scales[o]));
      }
    }
    return model(
        k,
        n,
        List.of(
            tensor("w", TensorProto.DataType.INT8, levels, k, n),
            tensor("s", TensorProto.DataType.FLOAT, floats(2 * most / 255)),
            tensor("z", TensorProto.DataType.UINT8, ByteBuffer.allocate(1).put((byte) 128)),
            tensor("ws", TensorProto.DataType.FLOAT, floats(scales), n)),
        List.of(
            node("QuantizeLinear", "q", "x", "s", "z").build(),
            node("MatMulInteger", "i", "q", "w", "z").build(),
            node("Cast", "f", "i")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("to")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(TensorProto.DataType.FLOAT_VALUE))
                .build(),
            node("Mul", "fs", "f", "s").build(),
            node("Mul", "y", "fs", "ws").build()));
  }

  /** The operator on a packed weight. */
  static byte[] packed(int k, int n, byte[] packed) {
    return model(
        k,
        n,
        List.of(tensor("w", TensorProto.DataType.UINT8, ByteBuffer.wrap(packed), packed.length)),
        List.of(
            node("SparseMatMul", "y", "x", "w")
                .setDomain(Operators.DOMAIN)
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("activation")
                        .setType(AttributeProto.AttributeType.STRING)
                        .setS(ByteString.copyFromUtf8("none")))
                .build()));
  }

  /** Returns a scale for each output of a weight [n, k]. */
  static float[] scales(int k, int n, float[] weight) {
    var scales = new float[n];
    for (int o = 0; o < n; o++) {
      float most = Float.MIN_NORMAL;
      for (int i = 0; i < k; i++) {
        most = Math.max(most, Math.abs(weight[o * k + i]));
      }
      scales[o] = most / LEVELS;
    }
    return scales;
  }

  private static float[] transposed(int k, int n, float[] weight) {
    var turned = new float[weight.length];
    for (int o = 0; o < n; o++) {
      for (int i = 0; i < k; i++) {
        turned[i * n + o] = weight[o * k + i];
      }
    }
    return turned;
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private static TensorProto tensor(
      String name, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    var tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    for (long length : shape) {
      tensor.addDims(length);
    }
    return tensor.setRawData(ByteString.copyFrom(bytes.rewind())).build();
  }

  private static NodeProto.Builder node(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName(output)
        .setOpType(type)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static byte[] model(int k, int n, List<TensorProto> constants, List<NodeProto> nodes) {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(20))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(Operators.DOMAIN).setVersion(1))
        .setGraph(
            GraphProto.newBuilder()
                .setName("product")
                .addAllInitializer(constants)
                .addAllNode(nodes)
                .addInput(value("x", k))
                .addOutput(value("y", n)))
        .build()
        .toByteArray();
  }

  private static ValueInfoProto value(String name, int columns) {
    var shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
