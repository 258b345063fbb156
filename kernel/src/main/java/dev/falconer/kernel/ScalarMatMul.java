package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.falconer.packed.Layout;
import dev.falconer.packed.PackedHeader;

/** The product that defines the others' results: one weight after the other. Slow. */
public record ScalarMatMul() implements MatMul {
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
    var row = new float[Math.ceilDiv(header.in(), Layout.WIDTH) * Layout.WIDTH];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < header.in(); i++) {
        row[i] = ALL.get(JAVA_FLOAT_UNALIGNED, x + 4 * (r * xStride + i));
      }
      for (int o = 0; o < header.out(); o++) {
        float sum = header.isInt8() ? rounded(weight, row, o) : (float) product(weight, row, o);
        float result = sum + (bias == 0 ? 0 : ALL.get(JAVA_FLOAT_UNALIGNED, bias + 4L * o));
        if (activation == Activation.RELU) {
          result = Math.max(result, 0);
        }
        ALL.set(JAVA_FLOAT_UNALIGNED, y + 4 * (r * yStride + o), result);
      }
    }
  }

  private static float rounded(PackedMatrix weight, float[] row, int output) {
    int levels = weight.header().activationLevels();
    var z = new float[row.length];
    float most = 0;
    boolean isFinite = true;
    for (int i = 0; i < row.length; i++) {
      float centre = ALL.get(JAVA_FLOAT_UNALIGNED, weight.centres() + 4L * i);
      z[i] = (row[i] - centre) * ALL.get(JAVA_FLOAT_UNALIGNED, weight.factors() + 4L * i);
      most = Math.max(most, Math.abs(z[i]));
      isFinite &= Float.isFinite(z[i]);
    }
    if (!isFinite) {
      return Float.NaN;
    }
    var rounded = new float[row.length];
    float factor = most < LEAST ? 0 : levels / most;
    for (int i = 0; i < row.length; i++) {
      rounded[i] = (float) Math.rint(z[i] * factor);
    }
    float scale = ALL.get(JAVA_FLOAT_UNALIGNED, weight.scales() + 4L * output);
    return (float) (long) product(weight, rounded, output) * (most / levels * scale);
  }

  /** Returns the sum over an output's steps of input times weight. */
  private static double product(PackedMatrix weight, float[] row, int output) {
    PackedHeader header = weight.header();
    int panel = output / Layout.WIDTH;
    int lane = output % Layout.WIDTH;
    int quad = header.inputsOfStep();
    double sum = 0;
    if (header.layout() == Layout.PERMUTE16) {
      for (int group = 0; group < header.groups(); group++) {
        for (int step = 0; step < header.steps(); step++) {
          long at =
              weight.values()
                  + 2L
                      * PackedHeader.BYTES
                      * (((long) panel * header.groups() + group) * header.steps() + step);
          for (int k = 0; k < quad; k++) {
            int element = lane * quad + k;
            int input = (int) element(header, at + PackedHeader.BYTES, element, true);
            sum += row[group * Layout.WIDTH + input] * element(header, at, element, false);
          }
        }
      }
      return sum;
    }
    int steps = Math.ceilDiv(header.in(), quad);
    int first = header.layout() == Layout.DENSE ? panel * steps : start(weight, panel);
    int end = header.layout() == Layout.DENSE ? first + steps : start(weight, panel + 1);
    for (int step = first; step < end; step++) {
      for (int k = 0; k < quad; k++) {
        int input =
            switch (header.layout()) {
              case DENSE -> (step - first) * quad + k;
              case PANEL16 -> input(weight, step * quad + k);
              case PANEL16X4 -> input(weight, step) * quad + k;
              case PERMUTE16 -> throw new IllegalStateException();
            };
        long at = weight.values() + (long) PackedHeader.BYTES * step;
        sum += (input < header.in() ? row[input] : 0) * element(header, at, lane * quad + k, false);
      }
    }
    return sum;
  }

  private static int start(PackedMatrix weight, int panel) {
    return ALL.get(JAVA_INT_UNALIGNED, weight.starts() + 4L * panel);
  }

  private static int input(PackedMatrix weight, int index) {
    return ALL.get(JAVA_INT_UNALIGNED, weight.inputs() + 4L * index);
  }

  /** Returns a weight or a number of an input, of 64 bytes at an address. */
  private static double element(PackedHeader header, long at, int element, boolean isNumber) {
    return header.isInt8()
        ? ALL.get(JAVA_BYTE, at + element)
        : isNumber
            ? ALL.get(JAVA_INT_UNALIGNED, at + 4L * element)
            : ALL.get(JAVA_FLOAT_UNALIGNED, at + 4L * element);
  }
}
