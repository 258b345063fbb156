package dev.falconer.kernel;

import dev.falconer.packed.Layout;
import dev.falconer.packed.PackedHeader;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.stream.IntStream;

/**
 * The code of {@link RowBlock#run} for one layout, vector width and number of rows, without a call
 * but those of vectors and memory: the compiler ends inlining in methods as large as these, and a
 * vector that isn't inlined is an object. An output's sum is begun by its bias and goes through the
 * steps in their order, so that its bits don't depend on the number of rows.
 */
final class RowBlockCode {

  // Its parameters, as local variables.
  private static final int X = 1;
  private static final int X_BYTES = 3;
  private static final int STARTS = 4;
  private static final int INPUTS = 6;
  private static final int VALUES = 8;
  private static final int STEPS = 10;
  private static final int GROUPS = 11;
  private static final int BIAS = 12;
  private static final int LEAST = 14;
  private static final int Y = 15;
  private static final int Y_BYTES = 17;
  private static final int PANELS = 18;

  private final VectorCode code;
  private final Layout layout;
  private final int rows;
  private final int parts;
  private final int bytes;
  private final int[] sums;
  private final int weight;
  private final int end;
  private final int input;
  private final int from;
  private final int[] weights;

  RowBlockCode(CodeBuilder builder, Layout layout, int bits, int rows) {
    this.code = new VectorCode(builder, bits);
    this.layout = layout;
    this.rows = rows;
    this.bytes = bits / Byte.SIZE;
    this.parts = PackedHeader.BYTES / bytes;
    this.sums = locals(rows * parts, TypeKind.REFERENCE);
    this.weights = locals(parts, TypeKind.REFERENCE);
    this.weight = code.local(TypeKind.LONG);
    this.end = code.local(TypeKind.LONG);
    this.input = code.local(TypeKind.LONG);
    this.from = code.local(TypeKind.LONG);
  }

  private int[] locals(int count, TypeKind kind) {
    return IntStream.range(0, count).map(i -> code.local(kind)).toArray();
  }

  void write() {
    if (layout == Layout.PERMUTE16) {
      code.copy(VALUES, weight);
    }
    Label panel = code.label();
    for (int part = 0; part < parts; part++) {
      code.loadFloats(BIAS, part * bytes);
      for (int r = 1; r < rows; r++) {
        code.duplicate().store(sums[r * parts + part]);
      }
      code.store(sums[part]);
    }
    if (layout == Layout.PERMUTE16) {
      permuted();
    } else {
      steps();
    }
    results();
    if (layout == Layout.PANEL16) {
      code.add(STARTS, Integer.BYTES);
    }
    code.add(BIAS, PackedHeader.BYTES);
    code.add(Y, PackedHeader.BYTES);
    code.decrementAndRepeat(PANELS, panel);
    code.leave();
  }

  /** A panel's steps of one input each, which is broadcast. */
  private void steps() {
    Label none = code.newLabel();
    if (layout == Layout.DENSE) {
      code.copy(VALUES, weight);
      code.addScaled(VALUES, STEPS, PackedHeader.BYTES);
      code.copy(VALUES, end);
      code.copy(X, from);
    } else {
      code.intAt(STARTS, 0);
      code.scaledPlus(PackedHeader.BYTES, VALUES, weight);
      code.intAt(STARTS, 0);
      code.scaledPlus(Integer.BYTES, INPUTS, input);
      code.intAt(STARTS, Integer.BYTES);
      code.scaledPlus(PackedHeader.BYTES, VALUES, end);
      code.skipIfEqual(weight, end, none);
    }
    Label step = code.label();
    step();
    code.repeatUnlessEqual(weight, end, step);
    code.bind(none);
  }

  private void step() {
    for (int part = 0; part < parts; part++) {
      code.loadFloats(weight, part * bytes);
      code.store(weights[part]);
    }
    if (layout == Layout.PANEL16) {
      code.intAt(input, 0);
      code.scaledPlus(Float.BYTES, X, from);
      code.add(input, Integer.BYTES);
    }
    for (int r = 0; r < rows; r++) {
      code.broadcastAt(from, X_BYTES, r, 0);
      for (int part = 0; part < parts; part++) {
        if (part < parts - 1) {
          code.duplicate();
        }
        code.multiplyAdd(weights[part], sums[r * parts + part]);
      }
    }
    if (layout == Layout.DENSE) {
      code.add(from, Float.BYTES);
    }
    code.add(weight, PackedHeader.BYTES);
  }

  /** A panel's groups of 16 inputs, of which each output takes its own. */
  private void permuted() {
    int[] group = locals(rows * parts, TypeKind.REFERENCE);
    int[] numbers = locals(parts, TypeKind.REFERENCE);
    int[] highs = locals(parts, TypeKind.REFERENCE);
    int left = code.local(TypeKind.INT);
    Label none = code.newLabel();
    code.skipIfZero(STEPS, none);
    code.copyInt(GROUPS, left);
    code.copy(X, from);
    Label next = code.label();
    for (int r = 0; r < rows; r++) {
      for (int part = 0; part < parts; part++) {
        code.loadInts(from, X_BYTES, r, part * bytes);
        code.store(group[r * parts + part]);
      }
    }
    code.copy(weight, end);
    code.addScaled(end, STEPS, 2 * PackedHeader.BYTES);
    Label step = code.label();
    for (int part = 0; part < parts; part++) {
      code.loadFloats(weight, part * bytes);
      code.store(weights[part]);
      code.loadInts(weight, PackedHeader.BYTES + part * bytes);
      code.store(numbers[part]);
      if (parts > 1) {
        code.isAbove(numbers[part], bytes / Float.BYTES - 1);
        code.store(highs[part]);
      }
    }
    for (int r = 0; r < rows; r++) {
      for (int part = 0; part < parts; part++) {
        code.select(numbers[part], group[r * parts]);
        if (parts > 1) {
          code.select(numbers[part], group[r * parts + 1]);
          code.blend(highs[part]);
        }
        code.asFloats();
        code.multiplyAdd(weights[part], sums[r * parts + part]);
      }
    }
    code.add(weight, 2 * PackedHeader.BYTES);
    code.repeatUnlessEqual(weight, end, step);
    code.add(from, PackedHeader.BYTES);
    code.decrementAndRepeat(left, next);
    code.bind(none);
  }

  private void results() {
    int least = code.vector();
    code.broadcast(LEAST).store(least);
    for (int i = 0; i < sums.length; i++) {
      code.atLeast(sums[i], least);
      code.storeFloats(Y, Y_BYTES, i / parts, i % parts * bytes);
    }
  }
}
