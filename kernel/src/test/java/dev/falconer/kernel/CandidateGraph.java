package dev.falconer.kernel;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.falconer.packed.Layout;
import dev.falconer.packed.WeightPacker;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;

/** A graph of one candidate operator, whose inputs are given one after the other. */
final class CandidateGraph {
  private final NodeProto.Builder node;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("one node");
  private final Map<String, Tensor> given = new HashMap<>();

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Tensor(float[] values, long... shape) {}

  CandidateGraph(String type) {
    node = NodeProto.newBuilder().setName("n").setDomain(Operators.DOMAIN).setOpType(type);
    node.addOutput("y");
    graph.addOutput(value("y"));
  }

  /** Adds an input that a run gives. */
  CandidateGraph input(float[] values, long... shape) {
    String name = "in" + node.getInputCount();
    graph.addInput(value(name));
    given.put(name, new Tensor(values, shape));
    node.addInput(name);
    return this;
  }

  /** Has an operator RoundTokens round the input that was added last. */
  CandidateGraph rounded(int width) {
    int last = node.getInputCount() - 1;
    String rounded = "rounded" + last;
    graph.addNode(
        OneNode.node("RoundTokens", node.getInput(last))
            .setName("r" + last)
            .setOutput(0, rounded)
            .addAttribute(OneNode.integer("width", width)));
    node.setInput(last, rounded);
    return this;
  }

  /** Adds a constant vector. */
  CandidateGraph vector(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return constant(TensorProto.DataType.FLOAT, values.length, bytes.array());
  }

  /** Adds a packed weight. */
  CandidateGraph weight(Layout layout, int out, int in, float[] weight) {
    byte[] packed = WeightPacker.floats(layout, out, in, weight);
    return constant(TensorProto.DataType.UINT8, packed.length, packed);
  }

  private CandidateGraph constant(TensorProto.DataType type, int length, byte[] bytes) {
    String name = "c" + node.getInputCount();
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .addDims(length)
            .setRawData(ByteString.copyFrom(bytes)));
    node.addInput(name);
    return this;
  }

  /** Leaves an input out. */
  CandidateGraph none() {
    node.addInput("");
    return this;
  }

  CandidateGraph with(AttributeProto attribute) {
    node.addAttribute(attribute);
    return this;
  }

  private static ValueInfoProto value(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE)))
        .build();
  }

  /** Returns the model's bytes. */
  byte[] model() {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(20))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(Operators.DOMAIN).setVersion(1))
        .setGraph(graph.clone().addNode(node))
        .build()
        .toByteArray();
  }

  /** Returns the inputs that a run gives; the caller closes them. */
  Map<String, OnnxTensor> inputs() throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    for (var each : given.entrySet()) {
      inputs.put(
          each.getKey(),
          OnnxTensor.createTensor(
              OrtEnvironment.getEnvironment(),
              FloatBuffer.wrap(each.getValue().values),
              each.getValue().shape));
    }
    return inputs;
  }

  /** Runs the graph and returns y. */
  float[] run(Operators operators) throws OrtException {
    Map<String, OnnxTensor> inputs = inputs();
    try (var options = new OrtSession.SessionOptions()) {
      operators.addTo(options);
      try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model(), options);
          OrtSession.Result result = session.run(inputs)) {
        return values(result);
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Returns y of a run. */
  static float[] values(OrtSession.Result result) {
    FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
    var values = new float[y.remaining()];
    y.get(values);
    return values;
  }
}
