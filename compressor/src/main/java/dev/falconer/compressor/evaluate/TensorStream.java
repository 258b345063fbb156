package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named tensors between two processes of one machine.
 *
 * <pre>
 * count | name | ONNX type | rank | lengths | bytes, little-endian, or one text per string
 * </pre>
 */
final class TensorStream {
  private static final int CHUNK = 1 << 16;

  private TensorStream() {}

  static void write(DataOutputStream out, Map<String, TensorData> tensors) throws IOException {
    out.writeInt(tensors.size());
    for (var entry : tensors.entrySet()) {
      writeText(out, entry.getKey());
      TensorData tensor = entry.getValue();
      out.writeByte(tensor.dtype().onnx());
      out.writeByte(tensor.shape().rank());
      for (long length : tensor.shape().dims()) {
        out.writeLong(length);
      }
      switch (tensor) {
        case StringTensor strings -> {
          for (String value : strings.values()) {
            writeText(out, value);
          }
        }
        case NumericTensor numbers -> {
          ByteBuffer bytes = numbers.bytes().asByteBuffer();
          var chunk = new byte[CHUNK];
          while (bytes.hasRemaining()) {
            int size = Math.min(CHUNK, bytes.remaining());
            bytes.get(chunk, 0, size);
            out.write(chunk, 0, size);
          }
        }
      }
    }
  }

  static Map<String, TensorData> read(DataInputStream in) throws IOException {
    int count = in.readInt();
    var tensors = new LinkedHashMap<String, TensorData>();
    for (int i = 0; i < count; i++) {
      String name = readText(in);
      DType dtype = DType.ofOnnx(in.readByte());
      var lengths = new long[in.readByte()];
      for (int axis = 0; axis < lengths.length; axis++) {
        lengths[axis] = in.readLong();
      }
      tensors.put(name, tensor(in, dtype, Shape.of(lengths)));
    }
    return tensors;
  }

  private static TensorData tensor(DataInputStream in, DType dtype, Shape shape)
      throws IOException {
    if (dtype == DType.STRING) {
      var values = new ArrayList<String>();
      for (long i = 0; i < shape.size(); i++) {
        values.add(readText(in));
      }
      return new StringTensor(shape, values);
    }
    NumericTensor tensor = NumericTensor.allocate(dtype, shape);
    ByteBuffer bytes = tensor.bytes().asByteBuffer();
    var chunk = new byte[CHUNK];
    while (bytes.hasRemaining()) {
      int size = Math.min(CHUNK, bytes.remaining());
      in.readFully(chunk, 0, size);
      bytes.put(chunk, 0, size);
    }
    return tensor;
  }

  static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String readText(DataInputStream in) throws IOException {
    var bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
