package dev.falconer.compressor.onnx;

/** Element type of a tensor, with ONNX's number and the bytes an element takes. */
public enum DType {
  FLOAT32(1, 4),
  UINT8(2, 1),
  INT8(3, 1),
  UINT16(4, 2),
  INT16(5, 2),
  INT32(6, 4),
  INT64(7, 8),
  STRING(8, 0),
  BOOL(9, 1),
  FLOAT16(10, 2),
  FLOAT64(11, 8),
  UINT32(12, 4),
  UINT64(13, 8),
  BFLOAT16(16, 2);

  private final int onnx;
  private final int bytes;

  DType(int onnx, int bytes) {
    this.onnx = onnx;
    this.bytes = bytes;
  }

  /** Returns the number of {@code TensorProto.DataType}. */
  public int onnx() {
    return onnx;
  }

  /** Returns bytes per element; 0 for strings. */
  public int bytes() {
    return bytes;
  }

  /** Returns whether gradients make sense for it. */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
  }

  /** Returns the type of an ONNX number. Throws IllegalArgumentException for one not supported. */
  public static DType ofOnnx(int number) {
    for (DType type : values()) {
      if (type.onnx == number) {
        return type;
      }
    }
    throw new IllegalArgumentException("tensor element type " + number + " is not supported");
  }
}
