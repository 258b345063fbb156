package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.kernel.Attention.Tokens;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention by vectors of each width that the machine has. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("widths")
class VectorAttentionTest extends AttentionContract {
  private final VectorAttention execution;

  VectorAttentionTest(VectorAttention execution) {
    this.execution = execution;
  }

  static List<Arguments> widths() {
    return Stream.of(512, 256)
        .filter(VectorMatMul::isAvailable)
        .map(bits -> Arguments.of(new VectorAttention(bits)))
        .toList();
  }

  @Override
  Attention execution() {
    return execution;
  }

  @Test
  void int8IsRefusedByName() {
    var shape = new AttentionShape(1, 4, 1, true);
    assertFalse(execution.has(shape));
    var error = assertThrows(IllegalArgumentException.class, () -> execution.bytes(shape, 1));
    assertTrue(error.getMessage().contains("float32 alone"), error.getMessage());
  }

  @Test
  void stridesBeyondTheKernelsAreRefused() {
    var shape = new AttentionShape(1, 4, 1, false);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> execution.run(shape, 0, 0, 0, 1 << 25, 0, 0, 0, 0, 0, 4));
    assertTrue(error.getMessage().contains("33554432 floats apart"), error.getMessage());
  }

  /** Otherwise the process ends. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingBesideTheTensorsIsTouched(boolean isBehind) {
    for (int width : new int[] {3, 20, 32}) {
      var shape = new AttentionShape(2, width, 1, false);
      int tokens = 47;
      int rows = 13;
      try (var memory = new EdgeOfMemory(isBehind)) {
        long size = 4L * shape.all() * tokens;
        var keys = new Tokens(memory.allocate(size).address(), (long) width * tokens, width);
        var values = new Tokens(memory.allocate(size).address(), width, shape.all());
        long mask = memory.allocate(4L * tokens).address();
        long state = memory.allocate(execution.bytes(shape, tokens)).address();
        execution.prepare(shape, keys, values, tokens, mask, state);
        long all = 4L * shape.all() * rows;
        long query = memory.allocate(all).address();
        long ownKeys = memory.allocate(all).address();
        long ownValues = memory.allocate(all).address();
        long y = memory.allocate(all).address();
        int stride = shape.all();
        execution.run(
            shape, state, tokens, query, stride, rows, ownKeys, ownValues, stride, y, stride);
      }
    }
  }

  /** The largest score may come block by block, and then far below. */
  @Test
  void scoresThatGrowAndFallFromBlockToBlockCount() {
    AttentionCase each = AttentionCase.of(1, 4, false, 1100, 9, 3).own();
    var mask = new float[1100];
    for (int t = 0; t < mask.length; t++) {
      mask[t] = t == 700 ? 40.001f : 40 * (float) Math.sin(t / 150.0);
    }
    float[] query = each.query().clone();
    for (int i = 0; i < query.length; i++) {
      query[i] *= 20;
    }
    for (AttentionCase some : List.of(each.query(query), each.mask(mask))) {
      double[] wanted = some.exact();
      float[] y = some.run(execution);
      for (int i = 0; i < y.length; i++) {
        assertEquals(wanted[i], y[i], 1e-5 * some.most(), some + ": " + i);
      }
    }
  }
}
