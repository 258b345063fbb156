package dev.falconer.server.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named tensors over native memory, without copies, for one run. Strings are copied by the runtime.
 */
final class Tensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Map<String, OnnxTensor> byName = new LinkedHashMap<>();

  Tensors(OrtEnvironment environment) {
    this.environment = environment;
  }

  Map<String, OnnxTensor> byName() {
    return byName;
  }

  void add(String name, DType dtype, MemorySegment memory, long[] shape) {
    try {
      byName.put(
          name,
          OnnxTensor.createTensor(
              environment,
              memory.asByteBuffer().order(ByteOrder.nativeOrder()),
              shape,
              javaType(dtype)));
    } catch (OrtException e) {
      throw refused(name, dtype, shape, e);
    }
  }

  void add(String name, String[] strings, long[] shape) {
    try {
      byName.put(name, OnnxTensor.createTensor(environment, strings, shape));
    } catch (OrtException e) {
      throw refused(name, DType.STRING, shape, e);
    }
  }

  void add(Column column, long[] shape) {
    if (column.dtype() == DType.STRING) {
      add(column.name(), column.strings(), shape);
    } else {
      add(column.name(), column.dtype(), column.data(), shape);
    }
  }

  private static GraphException refused(String name, DType dtype, long[] shape, OrtException e) {
    return new GraphException(
        "tensor '" + name + "' " + dtype + " " + Arrays.toString(shape) + ": " + e.getMessage(), e);
  }

  private static OnnxJavaType javaType(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case STRING -> OnnxJavaType.STRING;
    };
  }

  @Override
  public void close() {
    byName.values().forEach(OnnxTensor::close);
  }
}
