package dev.falconer.compressor.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.falconer.compressor.evaluate.OrtRunner;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Models that carry functions of their own, judged by ONNX Runtime, which knows functions. */
class LocalFunctionsTest {
  private static final String OWN = "pkg.layers";
  private static final Map<String, TensorData> INPUT =
      Map.of("x", TensorData.floats(Shape.of(2, 2), -3, -.5f, .25f, 4));

  /** leak(x) with a slope, default .25; twice(x, slope) = leak(leak(x, slope)), with a default. */
  private static final List<FunctionProto> FUNCTIONS =
      List.of(
          FunctionProto.newBuilder()
              .setName("leak")
              .setDomain(OWN)
              .addInput("x")
              .addOutput("y")
              .addAttributeProto(slope(.25f))
              .addNode(
                  node("", "LeakyRelu", List.of("x"), List.of("h")).toBuilder()
                      .addAttribute(
                          AttributeProto.newBuilder()
                              .setName("alpha")
                              .setRefAttrName("slope")
                              .setType(AttributeProto.AttributeType.FLOAT)))
              .addNode(node("", "Neg", List.of("h"), List.of("y")))
              .addOpsetImport(opset("", 17))
              .build(),
          FunctionProto.newBuilder()
              .setName("twice")
              .setDomain(OWN)
              .addInput("x")
              .addOutput("y")
              .addOutput("same")
              .addAttribute("slope")
              .addNode(
                  node(OWN, "leak", List.of("x"), List.of("h")).toBuilder()
                      .addAttribute(
                          AttributeProto.newBuilder()
                              .setName("slope")
                              .setRefAttrName("slope")
                              .setType(AttributeProto.AttributeType.FLOAT)))
              .addNode(node(OWN, "leak", List.of("h"), List.of("y")))
              .addNode(node("", "Identity", List.of("x"), List.of("same")))
              .addOpsetImport(opset("", 17))
              .addOpsetImport(opset(OWN, 1))
              .build());

  @Test
  void callsGiveWhatTheRuntimeGives() {
    ModelProto proto =
        model(
            node(OWN, "twice", List.of("x"), List.of("a", "")).toBuilder()
                .addAttribute(slope(.5f))
                .build(),
            node(OWN, "twice", List.of("a"), List.of("b", "c")).toBuilder()
                .addAttribute(slope(.1f))
                .build(),
            node("", "Add", List.of("b", "c"), List.of("z")));
    Model read = OnnxReader.fromBytes(proto.toByteArray());
    assertTrue(
        read.graph().nodes().stream().noneMatch(node -> node.domain().equals(OWN)),
        () -> read.graph().nodes().toString());
    assertArrayEquals(run(proto.toByteArray()), run(OnnxWriter.toBytes(read)));
  }

  @Test
  void aFunctionThatCallsItselfIsNamed() {
    FunctionProto endless =
        FunctionProto.newBuilder()
            .setName("endless")
            .setDomain(OWN)
            .addInput("x")
            .addOutput("y")
            .addNode(node(OWN, "endless", List.of("x"), List.of("y")))
            .build();
    ModelProto proto =
        model(node(OWN, "endless", List.of("x"), List.of("z"))).toBuilder()
            .addFunctions(endless)
            .build();
    assertEquals(
        "function \"endless\" calls itself",
        assertThrows(
                IllegalArgumentException.class, () -> OnnxReader.fromBytes(proto.toByteArray()))
            .getMessage());
  }

  @Test
  void aFunctionOfAnotherOpsetIsNamed() {
    FunctionProto old = FUNCTIONS.getFirst().toBuilder().setOpsetImport(0, opset("", 9)).build();
    ModelProto proto =
        model(node(OWN, "leak", List.of("x"), List.of("z"))).toBuilder()
            .setFunctions(0, old)
            .build();
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> OnnxReader.fromBytes(proto.toByteArray()))
            .getMessage();
    assertTrue(message.contains("\"leak\" needs opset 9"), message);
  }

  private static float[] run(byte[] model) {
    try (Runner runner = OrtRunner.open(model, 1)) {
      return ((NumericTensor) runner.run(INPUT).get("z")).toFloats();
    }
  }

  private static ModelProto model(NodeProto... nodes) {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(opset("", 17))
        .addOpsetImport(opset(OWN, 1))
        .addAllFunctions(FUNCTIONS)
        .setGraph(
            GraphProto.newBuilder()
                .setName("g")
                .addInput(value("x"))
                .addOutput(value("z"))
                .addAllNode(List.of(nodes)))
        .build();
  }

  private static ValueInfoProto value(String name) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("batch");
    shape.addDimBuilder().setDimValue(2);
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

  private static NodeProto node(
      String domain, String type, List<String> inputs, List<String> outputs) {
    return NodeProto.newBuilder()
        .setDomain(domain)
        .setOpType(type)
        .addAllInput(inputs)
        .addAllOutput(outputs)
        .build();
  }

  private static AttributeProto slope(float value) {
    return AttributeProto.newBuilder()
        .setName("slope")
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }
}
