package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Reads arrays that {@code numpy.savez(file, name=array, ...)} wrote. Source: NumPy Enhancement
 * Proposal 1, the npy format.
 *
 * <pre>
 * zip of NAME.npy:  \x93NUMPY | 1 byte major | 1 byte minor | 2 bytes length (4 from version 2)
 *                   | {'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), } | elements
 * </pre>
 */
public final class NpzFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final String SUFFIX = ".npy";
  private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order':\\s*True");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([^)]*)\\)");

  private NpzFile() {}

  /**
   * Returns the arrays by name.
   *
   * @throws IllegalArgumentException naming the file or the array that is of another form
   */
  public static Map<String, TensorData> read(Path file) throws IOException {
    var arrays = new LinkedHashMap<String, TensorData>();
    try (var zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          try (InputStream in = zip.getInputStream(entry)) {
            arrays.put(name, array(file + ": array \"" + name + "\"", in.readAllBytes()));
          }
        }
      }
    } catch (ZipException e) {
      throw new IllegalArgumentException(
          file + " is no .npz file: write one by numpy.savez(\"" + file.getFileName() + "\", ...)",
          e);
    }
    return arrays;
  }

  private static TensorData array(String what, byte[] bytes) {
    if (bytes.length < MAGIC.length + 4
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new IllegalArgumentException(what + " does not begin as an npy array");
    }
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean longer = bytes[MAGIC.length] >= 2;
    int start = MAGIC.length + 2 + (longer ? 4 : 2);
    int length =
        longer
            ? head.getInt(MAGIC.length + 2)
            : Short.toUnsignedInt(head.getShort(MAGIC.length + 2));
    if (length < 0 || start + length > bytes.length) {
      throw new IllegalArgumentException(what + " is cut off in its header");
    }
    String header = new String(bytes, start, length, StandardCharsets.UTF_8);
    if (FORTRAN.matcher(header).find()) {
      throw new IllegalArgumentException(
          what + " is in Fortran order: save numpy.ascontiguousarray(array)");
    }
    Shape shape = shape(what, found(what, SHAPE, header));
    String type = found(what, DESCRIPTION, header);
    return elements(what, type, shape, bytes, start + length);
  }

  private static String found(String what, Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new IllegalArgumentException(
          what + " is no plain array: its header is " + header.strip());
    }
    return matcher.group(1);
  }

  private static Shape shape(String what, String lengths) {
    try {
      return Shape.of(
          Arrays.stream(lengths.split(","))
              .map(String::strip)
              .filter(length -> !length.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " has shape (" + lengths + ")", e);
    }
  }

  private static TensorData elements(
      String what, String type, Shape shape, byte[] bytes, int start) {
    String kind = type.substring(Math.min(1, type.length()));
    boolean text = kind.startsWith("U") || kind.startsWith("S");
    long wanted =
        text
            ? Math.multiplyExact(shape.size(), width(what, kind))
            : Math.multiplyExact(shape.size(), dtype(what, type, kind).bytes());
    if (type.startsWith(">") || bytes.length - start != wanted) {
      throw new IllegalArgumentException(
          type.startsWith(">")
              ? what + " is big-endian: save array.astype(array.dtype.newbyteorder(\"<\"))"
              : "%s: %s%s takes %d bytes, got %d"
                  .formatted(what, type, shape, wanted, bytes.length - start));
    }
    return text
        ? texts(kind, shape, bytes, start, (int) width(what, kind))
        : NumericTensor.copied(
            dtype(what, type, kind), shape, MemorySegment.ofArray(bytes).asSlice(start, wanted));
  }

  private static DType dtype(String what, String type, String kind) {
    return switch (kind) {
      case "f4" -> DType.FLOAT32;
      case "f8" -> DType.FLOAT64;
      case "f2" -> DType.FLOAT16;
      case "i8" -> DType.INT64;
      case "i4" -> DType.INT32;
      case "i2" -> DType.INT16;
      case "i1" -> DType.INT8;
      case "u8" -> DType.UINT64;
      case "u4" -> DType.UINT32;
      case "u2" -> DType.UINT16;
      case "u1" -> DType.UINT8;
      case "b1" -> DType.BOOL;
      default ->
          throw new IllegalArgumentException(
              what + " has elements of type " + type + ": save numbers, bools or texts");
    };
  }

  private static long width(String what, String kind) {
    try {
      return Long.parseLong(kind.substring(1)) * (kind.startsWith("U") ? 4 : 1);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " has elements of type " + kind, e);
    }
  }

  private static StringTensor texts(String kind, Shape shape, byte[] bytes, int start, int width) {
    var charset =
        kind.startsWith("U")
            ? java.nio.charset.Charset.forName("UTF-32LE")
            : StandardCharsets.UTF_8;
    var values = new ArrayList<String>();
    for (int i = 0; i < shape.size(); i++) {
      String padded = new String(bytes, start + i * width, width, charset);
      int end = padded.indexOf(0);
      values.add(end < 0 ? padded : padded.substring(0, end));
    }
    return new StringTensor(shape, values);
  }
}
