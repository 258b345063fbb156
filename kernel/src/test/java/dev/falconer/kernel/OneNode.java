package dev.falconer.kernel;

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
import java.util.List;

/** Models of one node of domain dev.falconer, from input x [rows, columns] to output y. */
final class OneNode {
  private OneNode() {}

  /** Returns a model's bytes. */
  static byte[] model(NodeProto node, List<TensorProto> constants, int columns, int outputs) {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(20))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(Operators.DOMAIN).setVersion(1))
        .setGraph(
            GraphProto.newBuilder()
                .setName("one node")
                .addNode(node)
                .addAllInitializer(constants)
                .addInput(value("x", columns))
                .addOutput(value("y", outputs)))
        .build()
        .toByteArray();
  }

  static NodeProto.Builder node(String type, String... inputs) {
    return NodeProto.newBuilder()
        .setName("n")
        .setDomain(Operators.DOMAIN)
        .setOpType(type)
        .addAllInput(List.of(inputs))
        .addOutput("y");
  }

  static AttributeProto integer(String name, long number) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(number)
        .build();
  }

  static AttributeProto real(String name, float number) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(number)
        .build();
  }

  static AttributeProto text(String name, String text) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(text))
        .build();
  }

  private static ValueInfoProto value(String name, int columns) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(
                            TensorShapeProto.newBuilder()
                                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
                                .addDim(
                                    TensorShapeProto.Dimension.newBuilder().setDimValue(columns)))))
        .build();
  }
}
