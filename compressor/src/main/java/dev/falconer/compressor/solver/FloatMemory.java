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
  private final Tensor tensor;
  private final int length;

  @SuppressWarnings("restricted") // libtorch takes bare addresses
  FloatMemory(int rows, int columns) {
    this.length = Math.multiplyExact(rows, columns);
    var pointer = new FloatPointer(Math.max(1, length));
    this.memory =
        MemorySegment.ofAddress(pointer.address()).reinterpret((long) Float.BYTES * length);
    this.tensor =
        torch.from_blob(pointer, new long[] {rows, columns}, new TensorOptions(ScalarType.Float));
  }

  Tensor tensor() {
    return tensor;
  }

  /** Copies an array in. */
  void put(float[] values) {
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, length);
  }

  /** Copies the matrix out. */
  void get(float[] values) {
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, length);
  }
}
