package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.packed.Layout;
import dev.falconer.packed.Rounding;
import dev.falconer.packed.WeightPacker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every execution of the product with a packed weight does. */
abstract class KernelContract {
  private static final float GUARD = 12345;

  /** Returns the execution. */
  abstract MatMul execution();

  /** Returns whether an execution computes a layout and type; others are refused by name. */
  boolean has(Layout layout, boolean isInt8) {
    return true;
  }

  /**
   * A weight to multiply by.
   *
   * @param levels largest weight level; 0 in float32
   */
  record Case(Layout layout, int out, int in, double density, int levels, long seed) {
    boolean isInt8() {
      return levels > 0;
    }

    /** Returns weights, levels in int8, with zeros as the layout has them. */
    float[] weight() {
      var random = new Random(seed);
      var weight = new float[out * in];
      int width = layout == Layout.PERMUTE16 || layout == Layout.DENSE ? 1 : Layout.WIDTH;
      int quad = layout == Layout.PANEL16X4 ? Layout.QUAD : 1;
      for (int top = 0; top < out; top += width) {
        for (int left = 0; left < in; left += quad) {
          boolean isKept = layout == Layout.DENSE || random.nextDouble() < density;
          for (int o = top; isKept && o < Math.min(out, top + width); o++) {
            for (int i = left; i < Math.min(in, left + quad); i++) {
              weight[o * in + i] =
                  levels == 0
                      ? (float) random.nextGaussian()
                      : random.nextInt(-levels, Math.min(levels, 127) + 1);
            }
          }
        }
      }
      return weight;
    }

    /** Returns the rounding, of numbers that a few bits hold. */
    Rounding rounding() {
      var random = new Random(seed + 3);
      var centres = new float[in];
      var factors = new float[in];
      for (int i = 0; i < in && isInt8(); i++) {
        centres[i] = i % 2 == 0 ? 0 : random.nextInt(-16, 17) / 8f;
        factors[i] = i % 7 == 3 ? 0 : (1 << random.nextInt(4)) / 4f;
      }
      return new Rounding(levels == 63 ? 63 : 127, centres, factors);
    }

    byte[] packed() {
      float[] weight = weight();
      if (!isInt8()) {
        return WeightPacker.floats(layout, out, in, weight);
      }
      var bytes = new byte[weight.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) weight[i];
      }
      var scales = new float[out];
      var random = new Random(seed + 1);
      for (int o = 0; o < out; o++) {
        scales[o] = random.nextFloat(1e-3f, 1);
      }
      return WeightPacker.levels(layout, out, in, bytes, scales, rounding());
    }
  }

  static List<Case> cases() {
    var cases = new ArrayList<Case>();
    long seed = 1;
    for (Layout layout : Layout.values()) {
      for (int levels : new int[] {0, 63, 128}) {
        if (layout == Layout.PANEL16X4 && levels == 0) {
          continue;
        }
        cases.add(new Case(layout, 16, 64, .25, levels, seed++));
        cases.add(new Case(layout, 1, 1, 1, levels, seed++));
        cases.add(new Case(layout, 33, 67, .3, levels, seed++));
        cases.add(new Case(layout, 128, 130, .125, levels, seed++));
        cases.add(new Case(layout, 48, 1024, .25, levels, seed++));
        cases.add(new Case(layout, 20, 16, 0, levels, seed++));
      }
      cases.add(
          new Case(layout, 33, 67, .3, 64, seed++)); // two products of 255 x 64 fit into 16 bits
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyNumberOfRowsGivesTheReferencesResult(Case each) {
    if (!has(each.layout, each.isInt8())) {
      return;
    }
    for (int rows = 0; rows <= 17; rows++) {
      check(each, rows, each.in, each.out, 0, Activation.NONE);
    }
    for (int rows : new int[] {23, 31, 65, 97}) {
      check(each, rows, each.in, each.out, 0, Activation.RELU);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsMayLieAnywhere(Case each) {
    if (!has(each.layout, each.isInt8())) {
      return;
    }
    check(each, 13, each.in + 3, each.out + 5, 4, Activation.NONE);
    check(each, 9, 1024 + each.in / 1025 * 1024, 1024, 0, Activation.NONE); // strides of 4096 bytes
    check(each, 7, each.in, each.out, 12, Activation.RELU);
  }

  @Test
  void manyRows() {
    for (boolean isInt8 : new boolean[] {false, true}) {
      var each = new Case(Layout.PANEL16, 32, 48, .25, isInt8 ? 63 : 0, 77);
      if (has(each.layout, isInt8)) {
        check(each, 2048, each.in, each.out, 0, Activation.NONE);
      }
    }
  }

  @Test
  void aRowsResultDoesNotDependOnItsCompany() {
    for (Case each : cases()) {
      if (has(each.layout, each.isInt8())) {
        try (Arena arena = Arena.ofConfined()) {
          float[] x = rows(each, 12);
          float[] together = run(execution(), each, arena, x, 12);
          x[0] = 1e6f; // a huge neighbour
          float[] beside = run(execution(), each, arena, x, 12);
          for (int r = 1; r < 12; r++) {
            float[] own = Arrays.copyOfRange(x, r * each.in, (r + 1) * each.in);
            float[] alone = run(execution(), each, arena, own, 1);
            for (int o = 0; o < each.out; o++) {
              int at = r * each.out + o;
              assertEquals(together[at], beside[at], each + ", row " + r + ", output " + o);
              assertEquals(alone[o], together[at], each + ", row " + r + ", output " + o);
            }
          }
        }
      }
    }
  }

  @Test
  void rowsOfZerosOfTinyAndOfNoNumbers() {
    for (Case each : cases()) {
      if (has(each.layout, each.isInt8()) && each.density > 0) {
        try (Arena arena = Arena.ofConfined()) {
          float[] x = rows(each, 5);
          float[] centres = each.rounding().centres();
          for (int i = 0; i < each.in; i++) {
            x[i] = centres[i];
            x[each.in + i] = centres[i] + Float.MIN_VALUE;
          }
          x[2 * each.in] = Float.NaN;
          x[5 * each.in - 1] = Float.NEGATIVE_INFINITY;
          float[] y = run(execution(), each, arena, x, 5);
          float[] wanted = run(new ScalarMatMul(), each, arena, x, 5);
          float[] values = each.weight();
          for (int o = 0; o < each.out; o++) {
            assertEquals(0, y[o], each + " of centres");
            assertEquals(0, y[each.out + o], 1e-38, each + " of tiny numbers");
            assertEquals(
                wanted[3 * each.out + o], y[3 * each.out + o], tolerance(each, values, x, 3, o));
          }
          if (each.isInt8()) {
            for (int o = 0; o < each.out; o++) {
              assertTrue(Float.isNaN(y[2 * each.out + o]), each + " of no number");
              assertTrue(Float.isNaN(y[4 * each.out + o]), each + " of infinity");
            }
          }
        }
      }
    }
  }

  private void check(
      Case each, int rows, long xStride, long yStride, int shift, Activation activation) {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = weight(each, arena);
      float[] x = rows(each, rows);
      MemorySegment from = arena.allocate(shift + 4 * (rows * xStride + each.in) + 64, 64);
      for (int r = 0; r < rows; r++) {
        for (int i = 0; i < each.in; i++) {
          from.set(JAVA_FLOAT_UNALIGNED, shift + 4 * (r * xStride + i), x[r * each.in + i]);
        }
      }
      var random = new Random(each.seed + 2);
      MemorySegment bias = arena.allocate(4L * each.out, 4);
      for (int o = 0; o < each.out; o++) {
        bias.set(JAVA_FLOAT_UNALIGNED, 4L * o, (float) random.nextGaussian());
      }
      long size = shift + 4 * (rows * yStride + each.out) + 64;
      MemorySegment wanted = guarded(arena, size);
      float[] reference = reference(each, rows, activation, weight, x, bias);
      MemorySegment got = guarded(arena, size);
      MemorySegment again = guarded(arena, size);
      for (var job : List.of(new Job(execution(), got), new Job(execution(), again))) {
        job.execution.run(
            weight,
            from.address() + shift,
            xStride,
            rows,
            bias.address(),
            activation,
            job.to.address() + shift,
            yStride);
      }
      assertEquals(-1, got.mismatch(again), each + ": two runs differ");
      float[] values = each.weight();
      for (int r = 0; r < rows; r++) {
        for (int o = 0; o < each.out; o++) {
          long at = shift + 4 * (r * yStride + o);
          float one = reference[r * each.out + o];
          float other = got.get(JAVA_FLOAT_UNALIGNED, at);
          String what = "%s, %d rows: row %d, output %d".formatted(each, rows, r, o);
          assertEquals(one, other, tolerance(each, values, x, r, o), what);
          wanted.set(JAVA_FLOAT_UNALIGNED, at, GUARD);
          got.set(JAVA_FLOAT_UNALIGNED, at, GUARD);
        }
      }
      assertEquals(-1, wanted.mismatch(got), each + ": wrote beside the results");
    }
  }

  private record Job(MatMul execution, MemorySegment to) {}

  private record Asked(Case each, int rows, Activation activation) {}

  /** Of the reference, which is slow, for all executions. */
  private static final Map<Asked, float[]> REFERENCES = new ConcurrentHashMap<>();

  private static float[] reference(
      Case each,
      int rows,
      Activation activation,
      PackedMatrix weight,
      float[] x,
      MemorySegment bias) {
    return REFERENCES.computeIfAbsent(
        new Asked(each, rows, activation),
        _ -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(4L * x.length + 4, 4);
            MemorySegment.copy(x, 0, from, JAVA_FLOAT_UNALIGNED, 0, x.length);
            MemorySegment to = arena.allocate(4L * rows * each.out + 4, 4);
            new ScalarMatMul()
                .run(
                    weight,
                    from.address(),
                    each.in,
                    rows,
                    bias.address(),
                    activation,
                    to.address(),
                    each.out);
            return to.asSlice(0, 4L * rows * each.out).toArray(JAVA_FLOAT_UNALIGNED);
          }
        });
  }

  /** Returns 0 in int8, and in float32 a share of the sum of |w x| and the bias. */
  private static double tolerance(Case each, float[] weight, float[] x, int row, int output) {
    if (each.isInt8()) {
      return 0;
    }
    double sum = 1e-6;
    for (int i = 0; i < each.in; i++) {
      sum += Math.abs((double) x[row * each.in + i] * weight[output * each.in + i]);
    }
    return 1e-6 * (sum + 4);
  }

  static float[] rows(Case each, int rows) {
    var random = new Random(each.seed + 3);
    var x = new float[rows * each.in];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  static float[] run(MatMul execution, Case each, Arena arena, float[] x, int rows) {
    MemorySegment from = arena.allocate(4L * x.length + 64, 64);
    MemorySegment.copy(x, 0, from, JAVA_FLOAT_UNALIGNED, 0, x.length);
    MemorySegment to = arena.allocate(4L * rows * each.out + 64, 64);
    execution.run(
        weight(each, arena),
        from.address(),
        each.in,
        rows,
        0,
        Activation.NONE,
        to.address(),
        each.out);
    return to.asSlice(0, 4L * rows * each.out).toArray(JAVA_FLOAT_UNALIGNED);
  }

  static PackedMatrix weight(Case each, Arena arena) {
    byte[] packed = each.packed();
    MemorySegment memory = arena.allocate(packed.length, 64);
    MemorySegment.copy(MemorySegment.ofArray(packed), 0, memory, 0, packed.length);
    return PackedMatrix.at(memory.address(), packed.length);
  }

  private static MemorySegment guarded(Arena arena, long size) {
    MemorySegment memory = arena.allocate(size, 64);
    for (long at = 0; at + 4 <= size; at += 4) {
      memory.set(JAVA_FLOAT_UNALIGNED, at, GUARD);
    }
    return memory;
  }
}
