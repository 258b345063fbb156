package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Set;

/**
 * What is done to rows by vectors of 512 or 256 bits. Fast for widths of whole vectors, and for
 * activations of rows that lie side by side. Safe for several threads; allocates nothing once
 * compiled. Rows whose variance float32 can't hold are normalised by {@link ScalarRows}.
 */
public final class VectorRows implements RowMath {
  private static final int LINE = 64;

  private final int lanes;
  private final RowKernels kernels;
  private final NormKernel norm;
  private final NormKernel padded;
  private final ScalarRows scalar = new ScalarRows();
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

  /**
   * Creates the execution, not yet compiled.
   *
   * @param bits of a vector, 512 or 256
   * @throws IllegalArgumentException when they are others or the machine has none such
   */
  public VectorRows(int bits) {
    lanes = VectorMatMul.checked(bits) / Float.SIZE;
    kernels = new RowKernels(bits);
    norm = NormKernel.of(bits, false);
    padded = NormKernel.of(bits, true);
  }

  /**
   * Has the code compiled that norms, sums and these activations take, each piece alone.
   *
   * @param limit of each piece; a second is usual
   * @return whether all is compiled; false when the compiler was busier than that, or is off
   */
  public boolean warmUp(Set<Activation> activations, Duration limit) {
    int rows = 4;
    var warm = new CompilerWarmUp.Sequence(limit);
    try (Arena arena = Arena.ofConfined()) {
      int most = 8 * lanes + 1;
      MemorySegment some = arena.allocate((long) Float.BYTES * rows * (most + 1), LINE);
      long x = some.address();
      for (int width : new int[] {8 * lanes, 8 * lanes - 3}) {
        warm.run(() -> {
          some.fill((byte) 0).set(JAVA_FLOAT_UNALIGNED, 0, Float.NaN); // for ScalarRows
          layerNorm(x, width, rows, width, x, x, 1, x, width);
          layerNorm(x, width, rows, width, x, 0, 1, x, width);
          layerNorm(x, width, 1, width % lanes == 0 ? lanes : 1, x, 0, 1, x, width);
        });
      }
      some.fill((byte) 0);
      warm.run(() -> add(x, most + 1, rows, most, x, most + 1));
      for (Activation each : activations) {
        warm.run(() -> activate(each, x, most + 1, rows, most));
      }
    }
    return warm.isDone();
  }

  @Override
  public void layerNorm(
      long x,
      long xStride,
      int rows,
      int width,
      long scale,
      long shift,
      float epsilon,
      long y,
      long yStride) {
    boolean isWhole = width % lanes == 0;
    int vectors = Math.ceilDiv(width, lanes);
    long xBytes = Float.BYTES * xStride;
    long yBytes = Float.BYTES * yStride;
    Scratch scratch = scratches.get();
    scratch.begin(5 * Scratch.bytes(1, width));
    long shifts = isWhole && shift != 0 ? shift : padded(scratch, shift, width);
    long scales = isWhole ? scale : padded(scratch, scale, width);
    long keep = isWhole ? 0 : padded(scratch, 0, width);
    for (int i = 0; i < width && !isWhole; i++) {
      ALL.set(JAVA_FLOAT_UNALIGNED, keep + (long) Float.BYTES * i, 1);
    }
    long before = isWhole ? 0 : padded(scratch, 0, width);
    long after = isWhole ? 0 : padded(scratch, 0, width);
    float part = 1f / width;
    int row = 0;
    while (row < rows) {
      long from = x + row * xBytes;
      long to = y + row * yBytes;
      int asked = isWhole ? rows - row : 1;
      int done;
      if (isWhole) {
        done = norm.run(from, xBytes, asked, vectors, 0, scales, shifts, part, epsilon, to, yBytes);
      } else {
        copy(from, before, width);
        done = padded.run(before, 0, 1, vectors, keep, scales, shifts, part, epsilon, after, 0);
        copy(after, done == 1 ? to : before, width);
      }
      row += done;
      if (done < asked) {
        long rest = x + row * xBytes;
        scalar.layerNorm(rest, 0, 1, width, scale, shift, epsilon, y + row * yBytes, 0);
        row++;
      }
    }
  }

  @Override
  public void activate(Activation activation, long y, long yStride, int rows, int width) {
    if (activation != Activation.NONE) {
      run(kernels.activation(activation), y, yStride, rows, width, y, yStride);
    }
  }

  @Override
  public void add(long x, long xStride, int rows, int width, long y, long yStride) {
    run(kernels.add(), x, xStride, rows, width, y, yStride);
  }

  /** Goes over whole vectors where they lie, and over the floats behind them in a copy. */
  private void run(
      RowKernels.Each kernel, long x, long xStride, int rows, int width, long y, long yStride) {
    if (rows > 1 && xStride == width && yStride == width && (long) rows * width < 1 << 30) {
      run(kernel, x, 0, 1, rows * width, y, 0);
      return;
    }
    long xBytes = Float.BYTES * xStride;
    long yBytes = Float.BYTES * yStride;
    int vectors = width / lanes;
    if (rows > 0 && vectors > 0) {
      kernel.run(x, xBytes, rows, vectors, y, yBytes);
    }
    int tail = width % lanes;
    if (tail > 0) {
      Scratch scratch = scratches.get();
      scratch.begin(2 * Scratch.bytes(1, tail));
      long from = padded(scratch, 0, tail);
      long to = padded(scratch, 0, tail);
      long done = (long) Float.BYTES * (width - tail);
      for (int row = 0; row < rows; row++) {
        long end = y + row * yBytes + done;
        copy(x + row * xBytes + done, from, tail);
        copy(end, to, tail);
        kernel.run(from, 0, 1, 1, to, 0);
        copy(to, end, tail);
      }
    }
  }

  /** Returns a copy of floats with zeros behind; of nothing, from 0, zeros. */
  private static long padded(Scratch scratch, long from, int width) {
    long bytes = Scratch.bytes(1, width);
    long to = scratch.take(bytes);
    long own = from == 0 ? 0 : (long) Float.BYTES * width;
    if (from != 0) {
      copy(from, to, width);
    }
    for (long at = own; at < bytes; at += Float.BYTES) {
      ALL.set(JAVA_FLOAT_UNALIGNED, to + at, 0);
    }
    return to;
  }

  private static void copy(long from, long to, int width) {
    MemorySegment.copy(ALL, JAVA_BYTE, from, ALL, JAVA_BYTE, to, (long) Float.BYTES * width);
  }
}
