package dev.falconer.kernel;

/** Types of a tensor's elements that operators read and write. */
public enum ElementType {
  /** 32-bit floats. */
  FLOAT32(1),
  /** Unsigned bytes; of packed weights. */
  UINT8(2),
  /** Signed bytes. */
  INT8(3),
  /** 32-bit integers. */
  INT32(6);

  private final int code;

  ElementType(int code) {
    this.code = code;
  }

  /** Returns the number of ONNX's TensorProto.DataType. */
  int code() {
    return code;
  }
}
