package dev.falconer.compressor.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of a tensor that stand in its typed fields in place of raw bytes. */
final class TypedFields {
  private TypedFields() {}

  static NumericTensor tensor(TensorProto proto, DType dtype, Shape shape) {
    NumericTensor tensor = NumericTensor.allocate(dtype, shape);
    MemorySegment bytes = tensor.bytes();
    int count = Math.toIntExact(shape.size());
    int given =
        switch (dtype) {
          case FLOAT32 -> proto.getFloatDataCount();
          case FLOAT64 -> proto.getDoubleDataCount();
          case INT64 -> proto.getInt64DataCount();
          case UINT32, UINT64 -> proto.getUint64DataCount();
          case INT32, INT16, INT8, UINT16, UINT8, BOOL, FLOAT16, BFLOAT16 ->
              proto.getInt32DataCount();
          case STRING -> throw new IllegalArgumentException("strings are read apart");
        };
    if (given != count) {
      throw new IllegalArgumentException(
          "\"%s\" has %d elements for shape %s".formatted(proto.getName(), given, shape));
    }
    for (int i = 0; i < count; i++) {
      switch (dtype) {
        case FLOAT32 -> bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, proto.getFloatData(i));
        case FLOAT64 -> bytes.setAtIndex(ValueLayout.JAVA_DOUBLE, i, proto.getDoubleData(i));
        case INT64 -> bytes.setAtIndex(ValueLayout.JAVA_LONG, i, proto.getInt64Data(i));
        case UINT64 -> bytes.setAtIndex(ValueLayout.JAVA_LONG, i, proto.getUint64Data(i));
        case UINT32 -> bytes.setAtIndex(ValueLayout.JAVA_INT, i, (int) proto.getUint64Data(i));
        case INT32 -> bytes.setAtIndex(ValueLayout.JAVA_INT, i, proto.getInt32Data(i));
        case INT16, UINT16, FLOAT16, BFLOAT16 ->
            bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) proto.getInt32Data(i));
        case INT8, UINT8, BOOL -> bytes.set(ValueLayout.JAVA_BYTE, i, (byte) proto.getInt32Data(i));
        case STRING -> throw new IllegalArgumentException("strings are read apart");
      }
    }
    return tensor;
  }
}
