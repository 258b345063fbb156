package dev.falconer.packed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Packs weights. A layout stores every weight that is not 0, and the zeros that stand among them:
 * any matrix can be packed in any layout, and is small where it has the layout's pattern.
 */
public final class WeightPacker {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Layout layout;
  private final int out;
  private final int in;
  private final Cell cells;

  /** Whether a weight is not 0. */
  private interface Cell {
    boolean isKept(int output, int input);
  }

  private WeightPacker(Layout layout, int out, int in, int length, Cell cells) {
    if (out < 1 || in < 1 || length != Math.multiplyExact(out, in)) {
      throw new IllegalArgumentException("%d weights for [%d, %d]".formatted(length, out, in));
    }
    this.layout = layout;
    this.out = out;
    this.in = in;
    this.cells = cells;
  }

  /**
   * Returns a packed weight in float32.
   *
   * @param weight [out, in] row-major, finite
   * @throws IllegalArgumentException when the length is another, a weight is not finite, or the
   *     layout is of int8 alone
   */
  public static byte[] floats(Layout layout, int out, int in, float[] weight) {
    for (float value : weight) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("a weight is " + value);
      }
    }
    var packer =
        new WeightPacker(layout, out, in, weight.length, (o, i) -> weight[o * in + i] != 0);
    return packer.packed(
        0,
        0,
        (to, at, output, input) ->
            to.set(FLOAT.withByteAlignment(1), at, weight[output * in + input]),
        4);
  }

  /**
   * Returns a packed weight in int8.
   *
   * @param levels [out, in] row-major
   * @param scales [out], weight = level x scale
   * @param rounding of the rows multiplied; the weight is already divided by its factors
   */
  public static byte[] levels(
      Layout layout, int out, int in, byte[] levels, float[] scales, Rounding rounding) {
    if (scales.length != out) {
      throw new IllegalArgumentException(scales.length + " scales for " + out + " outputs");
    }
    if (rounding.centres().length != in) {
      throw new IllegalArgumentException(
          rounding.centres().length + " centres for " + in + " inputs");
    }
    var packer =
        new WeightPacker(layout, out, in, levels.length, (o, i) -> levels[o * in + i] != 0);
    int largest = 0;
    for (byte level : levels) {
      largest = Math.max(largest, Math.abs(level));
    }
    byte[] packed =
        packer.packed(
            rounding.levels(),
            largest,
            (to, at, output, input) -> to.set(JAVA_BYTE, at, levels[output * in + input]),
            1);
    MemorySegment to = MemorySegment.ofArray(packed);
    PackedHeader header = PackedHeader.read(to);
    for (int o = 0; o < out; o++) {
      int sum = 0;
      for (int i = 0; i < in; i++) {
        sum += levels[o * in + i];
      }
      to.set(FLOAT.withByteAlignment(1), header.scales() + 4L * o, scales[o]);
      to.set(INT.withByteAlignment(1), header.sums() + 4L * o, sum);
    }
    for (int i = 0; i < in; i++) {
      to.set(FLOAT.withByteAlignment(1), header.centres() + 4L * i, rounding.centres()[i]);
      to.set(FLOAT.withByteAlignment(1), header.factors() + 4L * i, rounding.factors()[i]);
    }
    return packed;
  }

  /** Writes one weight. */
  private interface Writer {
    void write(MemorySegment to, long at, int output, int input);
  }

  /** Returns the whole but for what int8 has behind the values. */
  private byte[] packed(int activationLevels, int largest, Writer writer, int bytes) {
    boolean isInt8 = bytes == 1;
    int quad = isInt8 ? Layout.QUAD : 1;
    int[][] kept = new int[Math.ceilDiv(out, Layout.WIDTH)][];
    for (int panel = 0; panel < kept.length; panel++) {
      kept[panel] = kept(panel);
    }
    int steps =
        layout == Layout.PERMUTE16
            ? Math.ceilDiv(slots(), quad)
            : Arrays.stream(kept).mapToInt(inputs -> Math.ceilDiv(inputs.length, quad)).sum();
    var header = new PackedHeader(layout, isInt8, out, in, steps, activationLevels, largest);
    var packed = new byte[Math.toIntExact(header.bytes())];
    MemorySegment to = MemorySegment.ofArray(packed);
    header.write(to);
    if (layout == Layout.PERMUTE16) {
      permuted(header, to, writer);
    } else {
      panels(header, kept, to, writer);
    }
    return packed;
  }

  /** Returns the inputs that a panel stores, ascending. */
  private int[] kept(int panel) {
    return switch (layout) {
      case DENSE -> IntStream.range(0, in).toArray();
      case PERMUTE16 -> new int[0];
      case PANEL16 -> IntStream.range(0, in).filter(i -> isKept(panel, i)).toArray();
      case PANEL16X4 ->
          IntStream.range(0, Math.ceilDiv(in, Layout.QUAD))
              .map(group -> group * Layout.QUAD)
              .filter(first ->
                  IntStream.range(first, Math.min(in, first + Layout.QUAD))
                      .anyMatch(i -> isKept(panel, i)))
              .flatMap(first -> IntStream.range(first, first + Layout.QUAD))
              .toArray();
    };
  }

  private boolean isKept(int panel, int input) {
    int first = panel * Layout.WIDTH;
    return IntStream.range(first, Math.min(out, first + Layout.WIDTH))
        .anyMatch(o -> cells.isKept(o, input));
  }

  /** Returns the most weights that an output keeps of 16 inputs. */
  private int slots() {
    int most = 0;
    for (int o = 0; o < out; o++) {
      for (int first = 0; first < in; first += Layout.WIDTH) {
        most = Math.max(most, kept(o, first).length);
      }
    }
    return most;
  }

  private int[] kept(int output, int first) {
    return IntStream.range(first, Math.min(in, first + Layout.WIDTH))
        .filter(i -> cells.isKept(output, i))
        .toArray();
  }

  private void panels(PackedHeader header, int[][] kept, MemorySegment to, Writer writer) {
    int quad = header.inputsOfStep();
    int bytes = 4 / quad;
    int step = 0;
    for (int panel = 0; panel < kept.length; panel++) {
      int[] inputs = kept[panel];
      for (int k = 0; k < inputs.length; k++) {
        int at = step + k / quad;
        for (int lane = 0; lane < Layout.WIDTH; lane++) {
          int output = panel * Layout.WIDTH + lane;
          if (output < out && inputs[k] < in) {
            long element = (long) lane * quad + k % quad;
            writer.write(
                to,
                header.values() + (long) PackedHeader.BYTES * at + bytes * element,
                output,
                inputs[k]);
          }
        }
      }
      int own = Math.ceilDiv(inputs.length, quad);
      for (int k = 0; layout == Layout.PANEL16 && k < own * quad; k++) {
        int input = inputs[Math.min(k, inputs.length - 1)];
        set(to, header.inputs() + 4L * (step * quad + k), input);
      }
      for (int k = 0; layout == Layout.PANEL16X4 && k < own; k++) {
        set(to, header.inputs() + 4L * (step + k), inputs[k * quad] / Layout.QUAD);
      }
      step += own;
      if (layout.isPanel()) {
        set(to, header.starts() + 4L * (panel + 1), step);
      }
    }
  }

  private void permuted(PackedHeader header, MemorySegment to, Writer writer) {
    int quad = header.inputsOfStep();
    int bytes = 4 / quad;
    for (int o = 0; o < header.panels() * Layout.WIDTH; o++) {
      for (int group = 0; group < header.groups(); group++) {
        int first = group * Layout.WIDTH;
        int[] inputs = o < out ? kept(o, first) : new int[0];
        long base =
            header.values()
                + 2L
                    * PackedHeader.BYTES
                    * header.steps()
                    * ((long) (o / Layout.WIDTH) * header.groups() + group);
        for (int k = 0; k < inputs.length; k++) {
          long at = base + 2L * PackedHeader.BYTES * (k / quad);
          long element = (long) (o % Layout.WIDTH) * quad + k % quad;
          writer.write(to, at + bytes * element, o, inputs[k]);
          // Little-endian: the number's first byte, and in float32 three zeros.
          to.set(JAVA_BYTE, at + PackedHeader.BYTES + bytes * element, (byte) (inputs[k] - first));
        }
      }
    }
  }

  private static void set(MemorySegment to, long at, int value) {
    to.set(INT.withByteAlignment(1), at, value);
  }
}
