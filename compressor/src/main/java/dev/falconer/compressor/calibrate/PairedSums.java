package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.TensorDevice;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Adds up products of rows in fp64 on libtorch, some thousand rows at a time. */
final class PairedSums implements AutoCloseable {
  private static final int CHUNK = 4096;

  private final String input;
  private final int in;
  private final Tensor gram;
  private final Tensor cross;
  private final Tensor dense;
  private final Histogram values = new Histogram();
  private long rows;

  /** Starts with no rows of a value. */
  PairedSums(String input, int in) {
    this.input = input;
    this.in = in;
    try (var _ = new PointerScope()) {
      this.gram = zeros();
      this.cross = zeros();
      this.dense = zeros();
    }
  }

  private Tensor zeros() {
    Tensor sum = torch.zeros(new long[] {in, in}, new TensorOptions(ScalarType.Double));
    return TensorDevice.current().take(sum).retainReference();
  }

  /** Adds rows that both networks gave, row-major [n, in] each. */
  void add(float[] ofCompressed, float[] ofDense) {
    int count = ofCompressed.length / in;
    for (int from = 0; from < count; from += CHUNK) {
      int length = Math.min(CHUNK, count - from);
      try (var _ = new PointerScope()) {
        Tensor p = rows(ofCompressed, from, length);
        Tensor d = rows(ofDense, from, length);
        Tensor turned = p.t();
        gram.addmm_(turned, p);
        cross.addmm_(turned, d);
        dense.addmm_(d.t(), d);
      }
    }
    for (float value : ofCompressed) {
      if (Float.isFinite(value)) { // the sums tell of others
        values.add(value);
      }
    }
    rows += count;
  }

  private Tensor rows(float[] elements, int from, int count) {
    var memory = new FloatPointer((long) count * in);
    memory.put(elements, from * in, count * in);
    return TensorDevice.current()
        .take(torch.from_blob(memory, new long[] {count, in}, new TensorOptions(ScalarType.Float)))
        .to(ScalarType.Double);
  }

  PairedStatistics statistics() {
    return new PairedStatistics(
        matrix(gram), matrix(cross), matrix(dense), rows, Map.of(input, values));
  }

  private Matrix matrix(Tensor sum) {
    var values = new double[in * in];
    try (var _ = new PointerScope()) {
      sum.cpu().data_ptr_double().get(values);
    }
    return Matrix.over(in, in, values);
  }

  @Override
  public void close() {
    gram.releaseReference();
    cross.releaseReference();
    dense.releaseReference();
  }
}
