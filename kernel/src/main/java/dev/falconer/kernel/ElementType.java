package dev.falconer.kernel;

/** Types of a tensor's elements that operators read and write. */
public enum ElementType {
  /** 32-bit floats, or unsigned bytes: of inputs alone. ONNX Runtime lets any pass, a view not. */
  FLOAT32_OR_UINT8(0),
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

  /** Returns the number of ONNX's TensorProto.DataType, 0 for any. */
  int code() {
    return code;
  }

  /** Returns whether an input of this type may be of another. */
  boolean takes(int other) {
    return this == FLOAT32_OR_UINT8 ? other == FLOAT32.code || other == UINT8.code : other == code;
  }
}
