package dev.falconer.compressor.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads ONNX files. Weights are mapped, not loaded: those beside the file, and the larger ones in
 * it. Replacing a file is harmless to the models read from it; writing to it changes them.
 */
public final class OnnxReader {
  private final @Nullable Path folder;

  private OnnxReader(@Nullable Path folder) {
    this.folder = folder;
  }

  /**
   * Returns the model of a file; its external weights lie beside it.
   *
   * @throws IllegalArgumentException naming the file when it holds no readable ONNX model
   */
  public static Model read(Path file) throws IOException {
    try {
      return new OnnxReader(file.toAbsolutePath().normalize().getParent())
          .model(LeanProto.read(file));
    } catch (com.google.protobuf.InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": no readable ONNX model: " + e.getMessage(), e);
    }
  }

  /** Returns the model of bytes that carry all their weights. */
  public static Model fromBytes(byte[] bytes) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      in.setSizeLimit(Integer.MAX_VALUE);
      return new OnnxReader(null).model(ModelProto.parseFrom(in));
    } catch (IOException e) {
      throw new IllegalArgumentException("no readable ONNX model: " + e.getMessage(), e);
    }
  }

  private Model model(ModelProto parsed) throws IOException {
    if (!parsed.hasGraph()) {
      throw new IllegalArgumentException("the file holds no graph");
    }
    ModelProto proto = LocalFunctions.inlined(parsed);
    var opsets = new HashMap<String, Long>();
    proto.getOpsetImportList().forEach(set -> opsets.put(set.getDomain(), set.getVersion()));
    return new Model(
        graph(proto.getGraph(), false),
        Math.toIntExact(proto.getIrVersion()),
        opsets,
        entries(proto.getMetadataPropsList()));
  }

  /** Bodies of control flow may leave types open, and may hand sequences on. */
  private Graph graph(GraphProto proto, boolean body) throws IOException {
    var initializers = new LinkedHashMap<String, TensorData>();
    for (TensorProto tensor : proto.getInitializerList()) {
      initializers.put(tensor.getName(), tensor(tensor));
    }
    // Old exporters list constants among the inputs as defaults: they are constants.
    var inputs = new ArrayList<ValueInfo>();
    for (ValueInfoProto input : proto.getInputList()) {
      if (!initializers.containsKey(input.getName())) {
        inputs.add(value(input, body));
      }
    }
    var nodes = new ArrayList<Node>();
    for (NodeProto node : proto.getNodeList()) {
      nodes.add(node(node, nodes.size()));
    }
    return new Graph(
        proto.getName(),
        inputs,
        proto.getOutputList().stream().map(output -> value(output, body)).toList(),
        initializers,
        nodes);
  }

  private Node node(NodeProto proto, int index) throws IOException {
    var attributes = new HashMap<String, Attribute>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      attributes.put(attribute.getName(), attribute(attribute));
    }
    String name = proto.getName().isEmpty() ? proto.getOpType() + "_" + index : proto.getName();
    String domain = proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
    return new Node(
        name,
        domain,
        proto.getOpType(),
        proto.getInputList(),
        proto.getOutputList(),
        attributes,
        entries(proto.getMetadataPropsList()));
  }

  private Attribute attribute(AttributeProto proto) throws IOException {
    return switch (proto.getType()) {
      case INT -> new Attribute.IntAttr(proto.getI());
      case FLOAT -> new Attribute.FloatAttr(proto.getF());
      case STRING -> new Attribute.TextAttr(proto.getS().toStringUtf8());
      case INTS -> new Attribute.IntsAttr(proto.getIntsList());
      case FLOATS -> new Attribute.FloatsAttr(proto.getFloatsList());
      case STRINGS ->
          new Attribute.TextsAttr(
              proto.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case TENSOR -> new Attribute.TensorAttr(tensor(proto.getT()));
      case GRAPH -> new Attribute.GraphAttr(graph(proto.getG(), true));
      default ->
          throw new IllegalArgumentException(
              "attribute \"" + proto.getName() + "\" of type " + proto.getType());
    };
  }

  private static ValueInfo value(ValueInfoProto proto, boolean body) {
    if (!proto.getType().hasTensorType() && body) {
      return ValueInfo.open(proto.getName());
    }
    if (!proto.getType().hasTensorType()) {
      throw new IllegalArgumentException(
          "\""
              + proto.getName()
              + "\" is no tensor but "
              + proto.getType().getValueCase().name().toLowerCase(java.util.Locale.ROOT)
              + "; export the model with tensors for inputs and outputs");
    }
    TypeProto.Tensor type = proto.getType().getTensorType();
    List<ValueInfo.Dim> dims = null;
    if (type.hasShape()) {
      dims = type.getShape().getDimList().stream().map(OnnxReader::dim).toList();
    }
    return new ValueInfo(proto.getName(), DType.ofOnnx(type.getElemType()), dims);
  }

  private static ValueInfo.Dim dim(TensorShapeProto.Dimension proto) {
    return switch (proto.getValueCase()) {
      case DIM_VALUE -> new ValueInfo.Dim.Fixed(proto.getDimValue());
      case DIM_PARAM -> new ValueInfo.Dim.Symbol(proto.getDimParam());
      case VALUE_NOT_SET -> new ValueInfo.Dim.Unknown();
    };
  }

  private TensorData tensor(TensorProto proto) throws IOException {
    DType dtype = DType.ofOnnx(proto.getDataType());
    Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
    if (dtype == DType.STRING) {
      return new StringTensor(
          shape, proto.getStringDataList().stream().map(ByteString::toStringUtf8).toList());
    }
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return external(proto, dtype, shape);
    }
    if (proto.hasRawData()) {
      return NumericTensor.copied(
          dtype, shape, MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer()));
    }
    return TypedFields.tensor(proto, dtype, shape);
  }

  private NumericTensor external(TensorProto proto, DType dtype, Shape shape) throws IOException {
    Map<String, String> where = entries(proto.getExternalDataList());
    String location = where.getOrDefault("location", "");
    if (folder == null) {
      throw new IllegalArgumentException(
          "\"" + proto.getName() + "\" lies in the file \"" + location + "\" beside the model");
    }
    Path file = folder.resolve(location).normalize();
    if (!file.startsWith(folder)) {
      throw new IllegalArgumentException(
          "\"" + proto.getName() + "\" points outside the model's folder: " + location);
    }
    long offset = Long.parseLong(where.getOrDefault("offset", "0"));
    long length = Math.multiplyExact(shape.size(), dtype.bytes());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (offset + length > channel.size()) {
        throw new IllegalArgumentException(
            "\"%s\" needs bytes %d to %d of %s, which has %d"
                .formatted(proto.getName(), offset, offset + length, file, channel.size()));
      }
      return NumericTensor.over(
          dtype, shape, channel.map(FileChannel.MapMode.READ_ONLY, offset, length, Arena.ofAuto()));
    }
  }

  private static Map<String, String> entries(List<StringStringEntryProto> list) {
    var entries = new HashMap<String, String>();
    list.forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
    return entries;
  }
}
