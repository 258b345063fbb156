package dev.falconer.compressor.evaluate;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Our tensors in ONNX Runtime's form and back. */
final class OrtTensors {
  private OrtTensors() {}

  /** Returns the tensor over the same memory; strings are copied. */
  static OnnxTensor wrap(OrtEnvironment environment, String name, TensorData tensor)
      throws OrtException {
    return switch (tensor) {
      case StringTensor strings ->
          OnnxTensor.createTensor(
              environment, strings.values().toArray(String[]::new), strings.shape().dims());
      case NumericTensor numbers ->
          OnnxTensor.createTensor(
              environment,
              numbers.bytes().asByteBuffer().order(ByteOrder.nativeOrder()),
              numbers.shape().dims(),
              javaType(name, numbers.dtype()));
    };
  }

  /** Returns a copy of an output in memory of its own. */
  static TensorData copyOf(String name, OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalArgumentException(
          "output \"" + name + "\" is no tensor: " + value.getType());
    }
    Shape shape = Shape.of(tensor.getInfo().getShape());
    DType dtype = dtype(name, tensor.getInfo());
    if (dtype == DType.STRING) {
      var strings = new ArrayList<String>();
      flatten(tensor.getValue(), strings);
      return new StringTensor(shape, strings);
    }
    if (shape.size() == 0) {
      return NumericTensor.allocate(dtype, shape);
    }
    return NumericTensor.copied(dtype, shape, MemorySegment.ofBuffer(tensor.getByteBuffer()));
  }

  private static void flatten(Object value, List<String> into) {
    if (value instanceof String string) {
      into.add(string);
    } else {
      for (int i = 0; i < Array.getLength(value); i++) {
        flatten(Array.get(value, i), into);
      }
    }
  }

  private static DType dtype(String name, TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DType.FLOAT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DType.FLOAT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DType.FLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DType.BFLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DType.INT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DType.UINT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DType.INT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DType.INT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DType.INT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DType.BOOL;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DType.STRING;
      default ->
          throw new IllegalArgumentException(
              "output \"%s\" is %s, which ONNX Runtime's Java API cannot read"
                  .formatted(name, info.onnxType));
    };
  }

  private static OnnxJavaType javaType(String name, DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case STRING -> OnnxJavaType.STRING;
      case UINT16, UINT32, UINT64 ->
          throw new IllegalArgumentException(
              "input \"%s\" is %s, which ONNX Runtime's Java API cannot feed; use a signed type"
                  .formatted(name, dtype));
    };
  }
}
