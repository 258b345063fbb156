package dev.falconer.packed;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The first 64 bytes of a packed weight, and where its sections begin. Version 2; numbers are
 * little-endian, every section starts at a multiple of 64 bytes.
 *
 * <pre>
 *  0  "FALW"        4  version      8  layout    12  type: 0 float32, 1 int8
 * 16  out          20  in          24  steps     28  activation levels
 * 32  largest weight level, rest 0
 *
 * starts   int32 [panels + 1]   first step of each panel       PANEL16, PANEL16X4
 * inputs   int32 [..]           PANEL16: of each step, one in float32, four in int8, of which those
 *                               beyond the panel's number repeat the last and have weights 0;
 *                               PANEL16X4: the group's number, a quarter of its first input
 * values                        steps x 64 bytes, 128 with {@link Layout#PERMUTE16}
 * scales   float32 [panels 16]  weight = level x scale         int8
 * sums     int32 [panels 16]    of each output's levels        int8
 * centres  float32 [groups 16]  of {@link Rounding}, else 0    int8
 * factors  float32 [groups 16]  likewise                       int8
 * </pre>
 *
 * @param layout of the weights
 * @param isInt8 whether they are levels of a grid
 * @param out outputs, at least 1
 * @param in inputs, at least 1; in int8 at most 131,072
 * @param steps of all panels together; with {@link Layout#PERMUTE16} those of one group of inputs
 * @param activationLevels int8: an activation is rounded to -levels..levels of its row's scale, at
 *     most 127; 0 in float32
 * @param largest magnitude of a level, at most 128; 0 in float32
 */
public record PackedHeader(
    Layout layout, boolean isInt8, int out, int in, int steps, int activationLevels, int largest) {
  /** Bytes of the header, and what sections are aligned to. */
  public static final int BYTES = 64;

  /** Inputs in int8, whose sums of products don't leave 32 bits. */
  private static final int MOST_INPUTS = 1 << 17;

  private static final int VERSION = 2;
  private static final int MAGIC = 'F' | 'A' << 8 | 'L' << 16 | 'W' << 24;
  private static final ValueLayout.OfInt INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Checks the ranges. */
  public PackedHeader {
    boolean isRight =
        out >= 1
            && in >= 1
            && steps >= 0
            && (isInt8
                ? in <= MOST_INPUTS
                    && activationLevels >= 1
                    && activationLevels <= 127
                    && largest >= 0
                    && largest <= 128
                : activationLevels == 0 && largest == 0 && layout != Layout.PANEL16X4);
    if (!isRight) {
      throw new IllegalArgumentException(
          "a packed weight [%d, %d] %s %s of %d steps, activation levels %d, weight levels to %d"
              .formatted(
                  out, in, layout, isInt8 ? "int8" : "float32", steps, activationLevels, largest));
    }
  }

  /**
   * Returns the header of a packed weight, checked against its size.
   *
   * @throws IllegalArgumentException saying what it is instead
   */
  public static PackedHeader read(MemorySegment packed) {
    if (packed.byteSize() < BYTES || packed.get(INT, 0) != MAGIC) {
      throw new IllegalArgumentException(
          "no packed weight: %d bytes that don't begin with FALW".formatted(packed.byteSize()));
    }
    int version = packed.get(INT, 4);
    int code = packed.get(INT, 8);
    Optional<Layout> layout = Layout.of(code);
    int type = packed.get(INT, 12);
    if (version != VERSION || layout.isEmpty() || type >>> 1 != 0) {
      throw new IllegalArgumentException(
          "a packed weight of version %d, layout %d, type %d; this program knows version %d"
              .formatted(version, code, type, VERSION));
    }
    var header =
        new PackedHeader(
            layout.get(),
            type == 1,
            packed.get(INT, 16),
            packed.get(INT, 20),
            packed.get(INT, 24),
            packed.get(INT, 28),
            packed.get(INT, 32));
    if (header.bytes() != packed.byteSize()) {
      throw new IllegalArgumentException(
          "packed weight %s: %d bytes, want %d"
              .formatted(header, packed.byteSize(), header.bytes()));
    }
    return header;
  }

  /** Writes the header. */
  void write(MemorySegment packed) {
    int[] fields = {
      MAGIC, VERSION, layout.code(), isInt8 ? 1 : 0, out, in, steps, activationLevels, largest
    };
    for (int i = 0; i < fields.length; i++) {
      packed.set(INT, 4L * i, fields[i]);
    }
  }

  /** Returns the number of panels. */
  public int panels() {
    return Math.ceilDiv(out, Layout.WIDTH);
  }

  /** Returns the number of groups of 16 inputs. */
  public int groups() {
    return Math.ceilDiv(in, Layout.WIDTH);
  }

  /** Returns the inputs of a step: 1 in float32, 4 in int8. */
  public int inputsOfStep() {
    return isInt8 ? Layout.QUAD : 1;
  }

  /** Returns where starts begin; they are empty but for panels. */
  public long starts() {
    return BYTES;
  }

  /** Returns where inputs begin; they are empty but for panels. */
  public long inputs() {
    return starts() + (layout.isPanel() ? aligned(4L * (panels() + 1)) : 0);
  }

  /** Returns where values begin. */
  public long values() {
    long each = layout == Layout.PANEL16 ? inputsOfStep() : 1;
    return inputs() + (layout.isPanel() ? aligned(4 * each * steps) : 0);
  }

  /** Returns where scales begin. */
  public long scales() {
    return values()
        + (layout == Layout.PERMUTE16
            ? 2L * BYTES * steps * panels() * groups()
            : (long) BYTES * steps);
  }

  /** Returns where sums begin. */
  public long sums() {
    return scales() + (isInt8 ? (long) BYTES * panels() : 0);
  }

  /** Returns where centres begin. */
  public long centres() {
    return sums() + (isInt8 ? (long) BYTES * panels() : 0);
  }

  /** Returns where factors begin. */
  public long factors() {
    return centres() + (isInt8 ? (long) BYTES * groups() : 0);
  }

  /** Returns the size of the whole. */
  public long bytes() {
    return factors() + (isInt8 ? (long) BYTES * groups() : 0);
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, BYTES) * BYTES;
  }
}
