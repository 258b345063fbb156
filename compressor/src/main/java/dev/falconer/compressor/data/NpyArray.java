package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One array in the npy format. Source: NumPy Enhancement Proposal 1.
 *
 * <pre>
 * \x93NUMPY | 1 byte major | 1 byte minor | 2 bytes length (4 from version 2)
 *           | {'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), } | elements
 * </pre>
 */
final class NpyArray {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order':\\s*True");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([^)]*)\\)");
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Headers are padded so that the elements begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private NpyArray() {}

  /**
   * Returns the array of a file's bytes, copied.
   *
   * @param what the bytes are, to begin messages with
   * @throws IllegalArgumentException when they are of another form
   */
  static TensorData parse(String what, MemorySegment bytes) {
    if (bytes.byteSize() < MAGIC.length + 4
        || bytes.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) != -1) {
      throw new IllegalArgumentException(what + " does not begin as an npy array");
    }
    boolean longer = bytes.get(ValueLayout.JAVA_BYTE, MAGIC.length) >= 2;
    int start = MAGIC.length + 2 + (longer ? 4 : 2);
    if (bytes.byteSize() < start) {
      throw new IllegalArgumentException(what + " is cut off in its header");
    }
    int length =
        longer
            ? bytes.get(INT, MAGIC.length + 2)
            : Short.toUnsignedInt(bytes.get(SHORT, MAGIC.length + 2));
    if (length < 0 || start + (long) length > bytes.byteSize()) {
      throw new IllegalArgumentException(what + " is cut off in its header");
    }
    String header =
        new String(
            bytes.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    Shape shape = shape(what, found(what, SHAPE, header));
    String type = found(what, DESCRIPTION, header);
    MemorySegment rest = bytes.asSlice(start + (long) length);
    if (!FORTRAN.matcher(header).find() || shape.rank() < 2) {
      return elements(what, type, shape, rest);
    }
    if (shape.rank() == 2
        && elements(what, type, Shape.of(shape.dim(1), shape.dim(0)), rest)
            instanceof NumericTensor columns) {
      return transposed(columns);
    }
    throw new IllegalArgumentException(
        what + " is in Fortran order: save numpy.ascontiguousarray(array)");
  }

  private static NumericTensor transposed(NumericTensor source) {
    long rows = source.shape().dim(0);
    long columns = source.shape().dim(1);
    int width = source.dtype().bytes();
    NumericTensor target = NumericTensor.allocate(source.dtype(), Shape.of(columns, rows));
    for (long r = 0; r < rows; r++) {
      for (long c = 0; c < columns; c++) {
        MemorySegment.copy(
            source.bytes(),
            (r * columns + c) * width,
            target.bytes(),
            (c * rows + r) * width,
            width);
      }
    }
    return target;
  }

  /** Returns the bytes of a file of an array. */
  static byte[] header(NumericTensor array) {
    StringBuilder lengths = new StringBuilder();
    for (long dim : array.shape().dims()) {
      lengths.append(dim).append(", ");
    }
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(descr(array.dtype()), lengths.toString().strip());
    int start = MAGIC.length + 4;
    int padded = Math.ceilDiv(start + text.length() + 1, ALIGNMENT) * ALIGNMENT;
    byte[] bytes = new byte[padded];
    Arrays.fill(bytes, (byte) ' ');
    System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
    bytes[MAGIC.length] = 1;
    bytes[MAGIC.length + 1] = 0;
    MemorySegment.ofArray(bytes).set(SHORT, MAGIC.length + 2, (short) (padded - start));
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, bytes, start, ascii.length);
    bytes[padded - 1] = '\n';
    return bytes;
  }

  private static String descr(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "<f4";
      case FLOAT64 -> "<f8";
      case INT64 -> "<i8";
      case INT32 -> "<i4";
      case BOOL -> "|b1";
      default -> throw new IllegalArgumentException("an npy file of " + dtype + " is not written");
    };
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

  private static TensorData elements(String what, String type, Shape shape, MemorySegment bytes) {
    String kind = type.substring(Math.min(1, type.length()));
    boolean text = kind.startsWith("U") || kind.startsWith("S");
    long wanted =
        text
            ? Math.multiplyExact(shape.size(), width(what, kind))
            : Math.multiplyExact(shape.size(), dtype(what, type, kind).bytes());
    if (type.startsWith(">") || bytes.byteSize() != wanted) {
      throw new IllegalArgumentException(
          type.startsWith(">")
              ? what + " is big-endian: save array.astype(array.dtype.newbyteorder(\"<\"))"
              : "%s: %s%s takes %d bytes, got %d"
                  .formatted(what, type, shape, wanted, bytes.byteSize()));
    }
    return text
        ? texts(kind, shape, bytes.toArray(ValueLayout.JAVA_BYTE), (int) width(what, kind))
        : NumericTensor.copied(dtype(what, type, kind), shape, bytes);
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

  private static StringTensor texts(String kind, Shape shape, byte[] bytes, int width) {
    var charset = kind.startsWith("U") ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_8;
    var values = new ArrayList<String>();
    for (int i = 0; i < shape.size(); i++) {
      String padded = new String(bytes, i * width, width, charset);
      int end = padded.indexOf(0);
      values.add(end < 0 ? padded : padded.substring(0, end));
    }
    return new StringTensor(shape, values);
  }
}
