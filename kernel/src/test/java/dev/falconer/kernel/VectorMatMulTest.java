package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.packed.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The vector kernels at each width that the machine has. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("widths")
class VectorMatMulTest extends KernelContract {
  private final VectorMatMul execution;

  VectorMatMulTest(VectorMatMul execution) {
    this.execution = execution;
  }

  static List<Arguments> widths() {
    return Stream.of(512, 256)
        .filter(VectorMatMul::isAvailable)
        .map(bits -> Arguments.of(new VectorMatMul(bits)))
        .toList();
  }

  @Override
  MatMul execution() {
    return execution;
  }

  @Override
  boolean has(Layout layout, boolean isInt8) {
    return !isInt8;
  }

  @ParameterizedTest
  @EnumSource(
      value = Layout.class,
      names = {"DENSE", "PERMUTE16", "PANEL16"})
  void warmingUpLeavesResultsRight(Layout layout) {
    var each = new Case(layout, 33, 67, .3, 0, 5);
    int rows = 23;
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = weight(each, arena);
      execution.warmUp(weight, rows, Duration.ofMillis(300)); // compiled by then or not
      MemorySegment x = arena.allocate(4L * rows * each.in(), 64);
      for (int i = 0; i < rows * each.in(); i++) {
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 11 - 5);
      }
      MemorySegment y = arena.allocate(4L * rows * each.out(), 64);
      MemorySegment wanted = arena.allocate(4L * rows * each.out(), 64);
      multiply(execution, weight, x, rows, y);
      multiply(new ScalarMatMul(), weight, x, rows, wanted);
      for (int i = 0; i < rows * each.out(); i++) {
        assertEquals(
            wanted.getAtIndex(ValueLayout.JAVA_FLOAT, i),
            y.getAtIndex(ValueLayout.JAVA_FLOAT, i),
            1e-3,
            layout + ", result " + i);
      }
    }
  }

  private static void multiply(
      MatMul execution, PackedMatrix weight, MemorySegment x, int rows, MemorySegment y) {
    int in = weight.header().in();
    int out = weight.header().out();
    execution.run(weight, x.address(), in, rows, 0, Activation.RELU, y.address(), out);
  }

  @Test
  void warmingUpEndsAtItsLimit() {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = weight(new Case(Layout.PANEL16, 16, 16, 1, 0, 5), arena);
      assertEquals(false, new VectorMatMul(256).warmUp(weight, 1, Duration.ZERO));
    }
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void int8IsRefusedByName(Layout layout) {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = weight(new Case(layout, 16, 16, 1, 127, 5), arena);
      MemorySegment x = arena.allocate(64, 64);
      var error =
          assertThrows(IllegalArgumentException.class, () -> multiply(execution, weight, x, 0, x));
      assertTrue(error.getMessage().contains(layout + " int8"), error.getMessage());
    }
  }

  @Test
  void stridesBeyondTheKernelsAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix weight = weight(new Case(Layout.DENSE, 16, 16, 1, 0, 5), arena);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> execution.run(weight, 0, 1 << 25, 0, 0, Activation.NONE, 0, 16));
      assertTrue(error.getMessage().contains("33554432 and 16 floats apart"), error.getMessage());
    }
  }

  @Test
  void otherWidthsAreRefused() {
    assertTrue(!VectorMatMul.isAvailable(128));
    var error = assertThrows(IllegalArgumentException.class, () -> new VectorMatMul(128));
    assertTrue(error.getMessage().contains("128 bits: want 256 or 512"), error.getMessage());
  }
}
