package dev.falconer.server.domain;

/** Element types of columns and tensors. */
public enum DType {
  FLOAT32(4),
  FLOAT64(8),
  INT8(1),
  UINT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  BOOL(1),
  STRING(0);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of one element; 0 for strings, which have no fixed size. */
  public int bytes() {
    return bytes;
  }
}
