package dev.falconer.compressor.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Parses a model's file without its larger weights, which become external data that lie in the file
 * itself: a protobuf library copies every byte field that it parses.
 */
final class LeanProto {
  /** Smaller tensors are parsed with the rest. */
  private static final int SMALLEST = 1 << 16;

  private final CodedInputStream in;
  private final String fileName;

  private LeanProto(CodedInputStream in, String fileName) {
    this.in = in;
    this.fileName = fileName;
  }

  /**
   * Returns the model of a file.
   *
   * @throws IllegalArgumentException when the file is larger than protobuf allows
   */
  static ModelProto read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      if (Files.size(file) > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "it has %d bytes, more than a protobuf message's 2 GB; export it with external data"
                .formatted(Files.size(file)));
      }
      CodedInputStream in = CodedInputStream.newInstance(stream);
      in.setSizeLimit(Integer.MAX_VALUE);
      return new LeanProto(in, file.getFileName().toString()).model();
    }
  }

  private ModelProto model() throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder();
    ByteString rest =
        others(tag -> {
          if (!isMessage(tag, ModelProto.GRAPH_FIELD_NUMBER)) {
            return false;
          }
          model.mergeGraph(graph());
          return true;
        });
    return model.mergeFrom(rest).build();
  }

  private GraphProto graph() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    GraphProto.Builder graph = GraphProto.newBuilder();
    ByteString rest =
        others(tag -> {
          if (!isMessage(tag, GraphProto.INITIALIZER_FIELD_NUMBER)) {
            return false;
          }
          graph.addInitializer(tensor());
          return true;
        });
    in.popLimit(outer);
    return graph.mergeFrom(rest).build();
  }

  private TensorProto tensor() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    TensorProto.Builder tensor = TensorProto.newBuilder();
    ByteString rest =
        others(tag -> {
          if (!isMessage(tag, TensorProto.RAW_DATA_FIELD_NUMBER)) {
            return false;
          }
          int length = in.readRawVarint32();
          if (length < SMALLEST) {
            tensor.setRawData(ByteString.copyFrom(in.readRawBytes(length)));
          } else {
            tensor
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", fileName))
                .addExternalData(entry("offset", Integer.toString(in.getTotalBytesRead())));
            in.skipRawBytes(length);
          }
          return true;
        });
    in.popLimit(outer);
    return tensor.mergeFrom(rest).build();
  }

  private interface Field {
    /** Reads the field that the tag begins; returns false, reading nothing, to leave it. */
    boolean isRead(int tag) throws IOException;
  }

  /** Reads a message up to its end; returns the fields that are left, as they stand. */
  private ByteString others(Field own) throws IOException {
    UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!own.isRead(tag)) {
        rest.mergeFieldFrom(tag, in);
      }
    }
    return rest.build().toByteString();
  }

  private static boolean isMessage(int tag, int field) {
    return tag == (field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
