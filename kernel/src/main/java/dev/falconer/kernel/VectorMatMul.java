package dev.falconer.kernel;

import dev.falconer.packed.Layout;
import dev.falconer.packed.PackedHeader;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.incubator.vector.VectorShape;

/**
 * The product in float32 by vectors of 512 or 256 bits, of layouts {@link Layout#DENSE}, {@link
 * Layout#PANEL16} and {@link Layout#PERMUTE16}. A result's bits depend on nothing but its row, its
 * output's weights and bias. Safe for several threads; allocates nothing once compiled.
 *
 * <p>Needs {@code --add-modules jdk.incubator.vector}; ask {@link #isAvailable} first.
 */
public final class VectorMatMul implements MatMul {
  private static final int LINE = PackedHeader.BYTES;

  /** Rows a multiple of this many bytes apart share few sets of the first cache. */
  private static final int ALIASING = 2048;

  /** Most floats from a row to the next: 16 rows stay within 31 bits. */
  private static final long MOST_STRIDE = 1 << 24;

  private final int bits;
  private final RowBlocks dense;
  private final RowBlocks panels;
  private final RowBlocks permuted;
  private final ThreadLocal<RowScratch> scratches = ThreadLocal.withInitial(RowScratch::new);

  /**
   * Creates the execution, not yet compiled.
   *
   * @param bits of a vector, 512 or 256
   * @throws IllegalArgumentException when they are others or the machine has none such
   */
  public VectorMatMul(int bits) {
    this.bits = checked(bits);
    dense = new RowBlocks(Layout.DENSE, bits);
    panels = new RowBlocks(Layout.PANEL16, bits);
    permuted = new RowBlocks(Layout.PERMUTE16, bits);
  }

  /** Returns bits that a machine's vector has, or throws as the constructor does. */
  static int checked(int bits) {
    if (!isAvailable(bits)) {
      throw new IllegalArgumentException(
          "vectors of %d bits: %s"
              .formatted(
                  bits,
                  hasModule()
                      ? "want 256 or 512, this machine's are of " + Machine.bits()
                      : "start Java with --add-modules jdk.incubator.vector"));
    }
    float _ = VectorClasses.load(bits);
    return bits;
  }

  /** Returns the execution by the machine's widest vectors, if it can be had. */
  public static Optional<VectorMatMul> widest() {
    return Stream.of(512, 256).filter(VectorMatMul::isAvailable).findFirst().map(VectorMatMul::new);
  }

  /** Returns whether Java was started with the vector module, on a machine with such vectors. */
  public static boolean isAvailable(int bits) {
    return (bits == 256 || bits == 512) && hasModule() && Machine.bits() >= bits;
  }

  private static boolean hasModule() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /** Touches the vector module, which may be missing. */
  private static final class Machine {
    static int bits() {
      return VectorShape.preferredShape().vectorBitSize();
    }
  }

  /**
   * Has the code compiled that products with weights of this layout take, each piece alone.
   *
   * @param rows most rows of the products to come
   * @param limit of each of at most five pieces; a second is usual
   * @return whether all is compiled; false when the compiler was busier than that, or is off
   * @throws IllegalArgumentException as {@link #run} does
   */
  public boolean warmUp(PackedMatrix weight, int rows, Duration limit) {
    PackedHeader header = weight.header();
    RowBlocks blocks = blocks(header);
    var warm = new CompilerWarmUp.Sequence(limit);
    try (Arena arena = Arena.ofConfined()) {
      long x = arena.allocate((long) LINE * header.groups() * blocks.rows(0), LINE).address();
      long y = arena.allocate((long) LINE * header.panels() * blocks.rows(0), LINE).address();
      for (int i = 0; i < blocks.count(); i++) {
        int block = blocks.rows(i);
        if (block <= rows) {
          warm.run(() -> run(weight, x, header.in(), block, 0, Activation.NONE, y, header.out()));
        }
      }
    }
    return warm.isDone();
  }

  @Override
  public boolean has(Layout layout, boolean isInt8) {
    return !isInt8;
  }

  @Override
  public void run(
      PackedMatrix weight,
      long x,
      long xStride,
      int rows,
      long bias,
      Activation activation,
      long y,
      long yStride) {
    PackedHeader header = weight.header();
    RowBlocks blocks = blocks(header);
    if (Math.max(xStride, yStride) > MOST_STRIDE) {
      throw new IllegalArgumentException(
          "rows %d and %d floats apart, at most %d".formatted(xStride, yStride, MOST_STRIDE));
    }
    int xBytes = (int) xStride * Float.BYTES;
    int yBytes = (int) yStride * Float.BYTES;
    boolean isCopied = isCopied(header, x, xBytes);
    float least = activation == Activation.RELU ? 0 : Float.NEGATIVE_INFINITY;
    int whole = header.out() / Layout.WIDTH;
    RowScratch scratch = scratches.get();
    scratch.prepare(header, blocks.rows(0));
    long biases = scratch.biases(header, bias);
    int row = 0;
    for (int i = 0; i < blocks.count(); i++) {
      RowBlock block = blocks.get(i);
      int count = blocks.rows(i);
      for (; rows - row >= count; row += count) {
        long from = x + (long) row * xBytes;
        int apart = xBytes;
        if (isCopied) {
          from = scratch.rows(header, from, xBytes, count);
          apart = RowScratch.rowBytes(header);
        }
        long to = y + (long) row * yBytes;
        if (whole > 0) {
          run(block, weight, from, apart, 0, whole, biases, least, to, yBytes);
        }
        if (whole < header.panels()) {
          run(block, weight, from, apart, whole, 1, biases, least, scratch.results(), LINE);
          scratch.give(header, to, yBytes, count);
        }
      }
    }
  }

  /** Multiplies a block of rows by consecutive panels. */
  private static void run(
      RowBlock block,
      PackedMatrix weight,
      long x,
      int xBytes,
      int first,
      int panels,
      long biases,
      float least,
      long y,
      int yBytes) {
    PackedHeader header = weight.header();
    boolean isPermuted = header.layout() == Layout.PERMUTE16;
    int steps = isPermuted ? header.steps() : header.in();
    long bytesOfPanel =
        header.layout() == Layout.PANEL16
            ? 0 // found by its start
            : (long) LINE * steps * (isPermuted ? 2 * header.groups() : 1);
    block.run(
        x,
        xBytes,
        weight.starts() + (long) Integer.BYTES * first,
        weight.inputs(),
        weight.values() + first * bytesOfPanel,
        steps,
        header.groups(),
        biases + (long) LINE * first,
        least,
        y,
        yBytes,
        panels);
  }

  /** Returns whether rows are read from a copy: a permuted group of 16 inputs is one vector. */
  private static boolean isCopied(PackedHeader header, long x, int xBytes) {
    boolean isAligned = x % LINE == 0 && xBytes % LINE == 0 && header.in() % Layout.WIDTH == 0;
    return xBytes % ALIASING == 0 || (header.layout() == Layout.PERMUTE16 && !isAligned);
  }

  private RowBlocks blocks(PackedHeader header) {
    Layout layout = header.layout();
    if (header.isInt8() || layout == Layout.PANEL16X4) {
      throw new IllegalArgumentException(
          "a weight %s %s: the Java vectors multiply float32 DENSE, PANEL16 and PERMUTE16 alone"
              .formatted(layout, header.isInt8() ? "int8" : "float32"));
    }
    return layout == Layout.DENSE ? dense : layout == Layout.PANEL16 ? panels : permuted;
  }

  @Override
  public String toString() {
    return "Java, vectors of " + bits + " bits";
  }
}
