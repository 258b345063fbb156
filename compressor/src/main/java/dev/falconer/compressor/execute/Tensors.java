package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Conversions between the graph's tensors and libtorch's. */
public final class Tensors {
  static {
    // One thread per training: bytes repeat for one thread count only, and independent trainings
    // run side by side.
    torch.set_num_threads(1);
  }

  private Tensors() {}

  /**
   * Returns a tensor over the same memory, not copied: the source must stay reachable as long as
   * the tensor is used.
   */
  public static Tensor over(NumericTensor source) {
    MemorySegment bytes = source.bytes();
    if (!bytes.isNative()) {
      NumericTensor copy = NumericTensor.copied(source.dtype(), source.shape(), bytes);
      return over(copy).clone();
    }
    long[] dims = source.shape().dims();
    TensorOptions options = options(scalarType(source.dtype()));
    if (source.shape().size() == 0) {
      return torch.empty(dims, options, null);
    }
    return torch.from_blob(Memory.pointer(bytes), dims, options);
  }

  /** Returns a copy of a tensor, on its own memory. */
  public static NumericTensor copy(Tensor source) {
    try (var _ = new PointerScope()) {
      Tensor dense = source.detach().contiguous();
      DType dtype = dtype(dense.scalar_type());
      Shape shape = Shape.of(dims(dense));
      long bytes = Math.multiplyExact(shape.size(), dtype.bytes());
      if (bytes == 0) {
        return NumericTensor.allocate(dtype, shape);
      }
      return NumericTensor.copied(dtype, shape, Memory.segment(dense.data_ptr(), bytes));
    }
  }

  /** Returns the lengths of a tensor's axes. */
  public static long[] dims(Tensor tensor) {
    var dims = new long[Math.toIntExact(tensor.dim())];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = tensor.size(i);
    }
    return dims;
  }

  static long[] longs(Tensor tensor) {
    try (var _ = new PointerScope()) {
      return copy(tensor.to(ScalarType.Long)).toLongs();
    }
  }

  static TensorOptions options(ScalarType type) {
    return new TensorOptions(type);
  }

  static ScalarType scalarType(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> ScalarType.Float;
      case FLOAT64 -> ScalarType.Double;
      case FLOAT16 -> ScalarType.Half;
      case BFLOAT16 -> ScalarType.BFloat16;
      case UINT8 -> ScalarType.Byte;
      case INT8 -> ScalarType.Char;
      case INT16 -> ScalarType.Short;
      case INT32 -> ScalarType.Int;
      case INT64 -> ScalarType.Long;
      case BOOL -> ScalarType.Bool;
      case UINT16, UINT32, UINT64, STRING ->
          throw new IllegalArgumentException("libtorch computes nothing with " + dtype);
    };
  }

  static DType dtype(ScalarType type) {
    for (DType dtype : DType.values()) {
      switch (dtype) {
        case UINT16, UINT32, UINT64, STRING -> {}
        case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, UINT8, INT8, INT16, INT32, INT64, BOOL -> {
          if (scalarType(dtype).value == type.value) {
            return dtype;
          }
        }
      }
    }
    throw new IllegalArgumentException("no ONNX type for libtorch's " + type.intern());
  }
}
