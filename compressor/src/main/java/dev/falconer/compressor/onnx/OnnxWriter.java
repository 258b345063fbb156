package dev.falconer.compressor.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Writes ONNX files. Equal models give equal bytes. */
public final class OnnxWriter {
  private final @Nullable ExternalWeights weights;

  private OnnxWriter(@Nullable ExternalWeights weights) {
    this.weights = weights;
  }

  /** Writes the model with all its weights: beside the file first, then moved into place. */
  public static void write(Model model, Path file) throws IOException {
    moved(toBytes(model), file);
  }

  /** Writes the model; its larger weights go to a weights file in the same folder. */
  public static void write(Model model, Path file, ExternalWeights weights) throws IOException {
    moved(new OnnxWriter(weights).model(model).toByteArray(), file);
  }

  /** Returns the model's file with all its weights. */
  public static byte[] toBytes(Model model) {
    return new OnnxWriter(null).model(model).toByteArray();
  }

  /** Returns the number of bytes of the model's file with all its weights, without making it. */
  public static long bytes(Model model) {
    return new OnnxWriter(null).model(model).getSerializedSize();
  }

  private static void moved(byte[] bytes, Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path beside = absolute.resolveSibling(absolute.getFileName() + ".part");
    try {
      Files.write(beside, bytes);
      Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private ModelProto model(Model model) {
    var proto = ModelProto.newBuilder().setIrVersion(model.irVersion()).setProducerName("falconer");
    model
        .opsets()
        .forEach((domain, version) ->
            proto.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    model.metadata().forEach((key, value) -> proto.addMetadataProps(entry(key, value)));
    return proto.setGraph(graph(model.graph())).build();
  }

  private GraphProto graph(Graph graph) {
    var proto = GraphProto.newBuilder().setName(graph.name());
    graph.inputs().forEach(input -> proto.addInput(value(input)));
    graph.outputs().forEach(output -> proto.addOutput(value(output)));
    graph
        .initializers()
        .forEach((name, tensor) -> proto.addInitializer(tensor(name, tensor, weights)));
    graph.nodes().forEach(node -> proto.addNode(node(node)));
    return proto.build();
  }

  private NodeProto node(Node node) {
    var proto =
        NodeProto.newBuilder()
            .setName(node.name())
            .setDomain(node.domain())
            .setOpType(node.type())
            .addAllInput(node.inputs())
            .addAllOutput(node.outputs());
    node.attributes().forEach((name, attribute) -> proto.addAttribute(attribute(name, attribute)));
    return proto.build();
  }

  private AttributeProto attribute(String name, Attribute attribute) {
    var proto = AttributeProto.newBuilder().setName(name);
    switch (attribute) {
      case Attribute.IntAttr(long value) -> proto.setType(AttributeType.INT).setI(value);
      case Attribute.FloatAttr(float value) -> proto.setType(AttributeType.FLOAT).setF(value);
      case Attribute.TextAttr(String value) ->
          proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
      case Attribute.IntsAttr(var values) -> proto.setType(AttributeType.INTS).addAllInts(values);
      case Attribute.FloatsAttr(var values) ->
          proto.setType(AttributeType.FLOATS).addAllFloats(values);
      case Attribute.TextsAttr(var values) -> {
        proto.setType(AttributeType.STRINGS);
        values.forEach(value -> proto.addStrings(ByteString.copyFromUtf8(value)));
      }
      case Attribute.TensorAttr(var value) ->
          proto.setType(AttributeType.TENSOR).setT(tensor("", value, null));
      case Attribute.GraphAttr(var body) -> proto.setType(AttributeType.GRAPH).setG(graph(body));
    }
    return proto.build();
  }

  private static ValueInfoProto value(ValueInfo value) {
    if (!value.hasType()) {
      return ValueInfoProto.newBuilder().setName(value.name()).build();
    }
    var type = TypeProto.Tensor.newBuilder().setElemType(value.dtype().onnx());
    var dims = value.dims();
    if (dims != null) {
      var shape = TensorShapeProto.newBuilder();
      for (ValueInfo.Dim dim : dims) {
        shape.addDim(dim(dim));
      }
      type.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(value.name())
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  private static TensorShapeProto.Dimension dim(ValueInfo.Dim dim) {
    var proto = TensorShapeProto.Dimension.newBuilder();
    return switch (dim) {
      case ValueInfo.Dim.Fixed(long length) -> proto.setDimValue(length).build();
      case ValueInfo.Dim.Symbol(String name) -> proto.setDimParam(name).build();
      case ValueInfo.Dim.Unknown() -> proto.build();
    };
  }

  private static TensorProto tensor(
      String name, TensorData tensor, @Nullable ExternalWeights weights) {
    var proto = TensorProto.newBuilder().setName(name).setDataType(tensor.dtype().onnx());
    for (long dim : tensor.shape().dims()) {
      proto.addDims(dim);
    }
    switch (tensor) {
      case StringTensor strings ->
          strings.values().forEach(value -> proto.addStringData(ByteString.copyFromUtf8(value)));
      case NumericTensor numbers -> {
        if (weights != null && weights.takes(numbers)) {
          proto.setDataLocation(TensorProto.DataLocation.EXTERNAL);
          proto.addExternalData(entry("location", weights.fileName()));
          proto.addExternalData(entry("offset", Long.toString(weights.place(numbers))));
          proto.addExternalData(entry("length", Long.toString(numbers.bytes().byteSize())));
        } else {
          proto.setRawData(UnsafeByteOperations.unsafeWrap(numbers.bytes().asByteBuffer()));
        }
      }
    }
    return proto.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
