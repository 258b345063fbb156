package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static dev.falconer.kernel.AttentionLoops.BLOCK;
import static dev.falconer.kernel.AttentionLoops.MOST_POWER;
import static dev.falconer.kernel.AttentionLoops.ROW_BYTES;

import dev.falconer.kernel.AttentionLoops.Most;
import dev.falconer.kernel.AttentionLoops.Own;
import dev.falconer.kernel.AttentionLoops.Quotients;
import dev.falconer.kernel.AttentionLoops.Scores;
import dev.falconer.kernel.AttentionLoops.Shares;
import dev.falconer.kernel.AttentionLoops.Sums;
import dev.falconer.kernel.AttentionLoops.Transposed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The loops of attention for one vector width. Products and sums are of 8 rows by two vectors of
 * 512 bits, or 6 by two of 256: 93 and 98 % of what registers can multiply, 90 and 94 %. Twelve
 * rows would fit the 32 registers and were slower.
 */
final class AttentionKernels {
  /** Kernels of one kind by the number of rows, the largest first, the last of one row. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record ByRows<K>(int[] rows, K[] kernels) {}

  private final int lanes;
  private final int rows;
  private final int tile;
  private final ByRows<Scores> scores;
  private final ByRows<Sums> pairs;
  private final ByRows<Sums> lasts;
  private final Most most;
  private final Shares shares;
  private final Own own;
  private final Quotients quotients;
  private final Transposed transposed;
  private final RowKernels.Each copy;
  private final MemorySegment orders;
  private final MemorySegment zeros = Arena.ofAuto().allocate(64, 64);

  AttentionKernels(int bits) {
    lanes = bits / Float.SIZE;
    int[] each = bits == 512 ? new int[] {8, 4, 1} : new int[] {6, 2, 1};
    rows = each[0];
    tile = 2 * lanes;
    scores = scores(bits, each);
    pairs = sums(bits, each, 2);
    // Eight rows were past what the compiler inlines: a share of each step stayed a call.
    lasts = sums(bits, bits == 512 ? new int[] {4, 1} : each, 1);
    most = define(Most.class, bits, "Most", AttentionCode::most);
    shares = define(Shares.class, bits, "Shares", AttentionCode::shares);
    own = define(Own.class, bits, "Own", AttentionCode::own);
    quotients = define(Quotients.class, bits, "Quotients", AttentionCode::quotients);
    transposed = define(Transposed.class, 256, "Transposed", AttentionCode::transposed);
    copy = RowKernels.copy(bits);
    orders = Arena.ofAuto().allocate(6L * 8 * Integer.BYTES, 64);
    for (int i = 0; i < 6 * 8; i++) {
      orders.setAtIndex(ValueLayout.JAVA_INT, i, order(4 >> (i / 16), i / 8 % 2, i % 8));
    }
  }

  private static ByRows<Scores> scores(int bits, int[] rows) {
    return new ByRows<>(
        rows,
        Arrays.stream(rows)
            .mapToObj(
                each -> define(Scores.class, bits, "Scores" + each, code -> code.scores(each, 2)))
            .toArray(Scores[]::new));
  }

  private static ByRows<Sums> sums(int bits, int[] rows, int vectors) {
    return new ByRows<>(
        rows,
        Arrays.stream(rows)
            .mapToObj(each ->
                define(
                    Sums.class,
                    bits,
                    "Sums%dBy%d".formatted(each, vectors),
                    code -> code.sums(each, vectors)))
            .toArray(Sums[]::new));
  }

  private static <K> K define(Class<K> kind, int bits, String name, Consumer<AttentionCode> body) {
    return GeneratedClass.of(
        kind, name + "Of" + bits, builder -> body.accept(new AttentionCode(builder, bits)));
  }

  /** Has each kernel compiled alone, for few and for many of everything. */
  void warmUp(CompilerWarmUp.Sequence warm) {
    int width = 2 * lanes;
    int valueBytes = Float.BYTES * width;
    try (Arena arena = Arena.ofConfined()) {
      long x = arena.allocate((long) valueBytes * BLOCK, 64).address();
      long y = arena.allocate((long) ROW_BYTES * rows, 64).address();
      long z = arena.allocate((long) ROW_BYTES * rows, 64).address();
      long low = arena.allocate(64, 64).address(); // most scores that are too low
      ALL.set(ValueLayout.JAVA_FLOAT, low, -2 * MOST_POWER);
      for (Scores each : scores.kernels) {
        warm.run(() -> {
          each.run(x, 64, x, width, BLOCK / tile, x, y);
          each.run(x, 64, x, 2, 1, x, y);
        });
      }
      warm.run(() -> {
        most.run(x, 2, y);
        most.run(x, 1, y);
      });
      warm.run(() -> {
        int _ = shares.run(x, x, z, 2, BLOCK / lanes, y);
        int _ = shares.run(x, x, z, 1, 1, y);
        int _ = shares.run(x, low, z, 1, 1, y);
      });
      for (ByRows<Sums> by : List.of(pairs, lasts)) {
        for (Sums each : by.kernels) {
          warm.run(() -> {
            each.run(y, BLOCK, x, valueBytes, z, 64);
            each.run(y, 1, x, valueBytes, z, 64);
          });
        }
      }
      warm.run(() -> {
        own.run(x, 64, x, x, 64, 2, 2, 1, y, z, 64);
        own.run(x, 64, x, x, 64, 1, 1, 1, y, z, 64);
      });
      warm.run(() -> {
        quotients.run(y, 64, x, 2, 2, z, 64);
        quotients.run(y, 64, x, 1, 1, z, 64);
      });
      warm.run(() -> {
        transposed.run(x, 64, 2, 1, orders(), y, 64);
        transposed.run(x, 64, 1, 1, orders(), y, 64);
      });
      warm.run(() -> {
        copy.run(x, 64, 4, 2, y, 64);
        copy.run(x, 64, 1, 1, y, 64);
      });
    }
  }

  /**
   * Returns which of two vectors' 16 numbers is a lane of the upper or lower one when lanes of a
   * distance change places between them.
   */
  private static int order(int distance, int which, int lane) {
    boolean isOwn = (lane & distance) == 0;
    return which == 0 ? isOwn ? lane : 8 + lane - distance : isOwn ? lane + distance : 8 + lane;
  }

  /** Returns the floats of a vector. */
  int lanes() {
    return lanes;
  }

  /** Returns most rows of {@link #sums}. */
  int rows() {
    return rows;
  }

  /** Returns the tokens of a tile. */
  int tile() {
    return tile;
  }

  ByRows<Scores> scores() {
    return scores;
  }

  /** Returns the kernels of two vectors of each value, or one. */
  ByRows<Sums> sums(boolean isPair) {
    return isPair ? pairs : lasts;
  }

  Most most() {
    return most;
  }

  Shares shares() {
    return shares;
  }

  Own own() {
    return own;
  }

  Quotients quotients() {
    return quotients;
  }

  Transposed transposed() {
    return transposed;
  }

  /** Returns the address of what {@link Transposed} goes by: numbers of lanes, 6 vectors. */
  long orders() {
    return orders.address();
  }

  /** Zeroes whole lines. */
  void zero(long address, long bytes) {
    int each = Float.BYTES * lanes;
    copy.run(zeros.address(), 0, Math.toIntExact(bytes / each), 1, address, each);
  }
}
