package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;

/** Asserts that a mask has exactly its pattern, counting by the pattern's definition alone. */
final class PatternCheck {
  private PatternCheck() {}

  /**
   * Checks a mask.
   *
   * @param scope over which unstructured zeros count where the pattern leaves it open
   */
  static void check(Mask mask, Pattern pattern, Pattern.Scope scope, String what) {
    int out = mask.rows();
    int in = mask.columns();
    switch (pattern) {
      case Pattern.NofM(int kept, int group) -> {
        for (int o = 0; o < out; o++) {
          for (int from = 0; from < in; from += group) {
            int to = Math.min(in, from + group);
            assertEquals(
                (int) Math.ceil((double) kept * (to - from) / group),
                count(mask, o, o + 1, from, to),
                what);
          }
        }
      }
      case Pattern.Transposable(int kept, int group) -> {
        for (int o = 0; o < out; o++) {
          for (int i = 0; i < in; i += group) {
            assertEquals(kept, count(mask, o, o + 1, i, i + group), what + ": row " + o);
          }
        }
        for (int o = 0; o < out; o += group) {
          for (int i = 0; i < in; i++) {
            assertEquals(kept, count(mask, o, o + group, i, i + 1), what + ": column " + i);
          }
        }
      }
      case Pattern.Unstructured(double sparsity, Pattern.Scope own) -> {
        Pattern.Scope over = own == Pattern.Scope.DEFAULT ? scope : own;
        if (over == Pattern.Scope.ROW) {
          for (int o = 0; o < out; o++) {
            assertEquals(in - (int) (in * sparsity + 1e-6), count(mask, o, o + 1, 0, in), what);
          }
        } else {
          assertEquals((int) Math.rint((1 - sparsity) * out * in), mask.count(), what);
        }
      }
      case Pattern.Panel(int width, int group, double density) -> {
        for (int o = 0; o < out; o += width) {
          int last = Math.min(out, o + width);
          int groups = 0;
          for (int i = 0; i < in; i += group) {
            int end = Math.min(in, i + group);
            int count = count(mask, o, o + 1, i, end);
            assertTrue(count == 0 || count == end - i, what);
            groups += count > 0 ? 1 : 0;
          }
          int all = (in + group - 1) / group;
          assertEquals(Math.max(1, Math.round(density * all)), groups, what);
          for (int other = o; other < last; other++) {
            for (int i = 0; i < in; i++) {
              assertEquals(mask.keeps(o, i), mask.keeps(other, i), what);
            }
          }
        }
      }
      case Pattern.Block(int rows, int columns, double density) -> {
        int blocks = 0;
        for (int o = 0; o < out; o += rows) {
          for (int i = 0; i < in; i += columns) {
            int count = count(mask, o, o + rows, i, i + columns);
            assertTrue(count == 0 || count == rows * columns, what);
            blocks += count / (rows * columns);
          }
        }
        int all = out * in / (rows * columns);
        assertEquals(Math.round(density * all), blocks, what);
      }
    }
  }

  private static int count(Mask mask, int top, int bottom, int left, int right) {
    return (int)
        IntStream.range(top, bottom)
            .mapToLong(o -> IntStream.range(left, right).filter(i -> mask.keeps(o, i)).count())
            .sum();
  }
}
