package dev.falconer.compressor.solver;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A matrix of floats that libtorch sees as a tensor. Java's loops run on arrays, which vectorise; a
 * copy each way costs a hundredth of the product between them. Belongs to the open PointerScope.
 */
final class FloatMemory {
  private final MemorySegment memory;
  private final Tensor host;
  private final Tensor tensor;
  private final boolean isApart;
  private final int length;

  FloatMemory(int rows, int columns) {
    this(rows, columns, TensorDevice.current().isRemote());
  }

  /**
   * A matrix with or without a tensor of its own beside the memory that Java sees.
   *
   * @param isApart whether the tensor lies elsewhere
   */
  @SuppressWarnings("restricted") // libtorch takes bare addresses
  FloatMemory(int rows, int columns, boolean isApart) {
    this.length = Math.multiplyExact(rows, columns);
    var pointer = new FloatPointer(Math.max(1, length));
    this.memory =
        MemorySegment.ofAddress(pointer.address()).reinterpret((long) Float.BYTES * length);
    this.host =
        torch.from_blob(pointer, new long[] {rows, columns}, new TensorOptions(ScalarType.Float));
    this.isApart = isApart;
    this.tensor = isApart ? TensorDevice.current().take(host.clone()) : host;
  }

  Tensor tensor() {
    return tensor;
  }

  /** Copies an array in. */
  void put(float[] values) {
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, length);
    if (isApart) {
      tensor.copy_(host);
    }
  }

  /** Copies the matrix out. */
  void get(float[] values) {
    if (isApart) {
      host.copy_(tensor);
    }
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, length);
  }
}
