package dev.falconer.kernel;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows by vectors of each width that the machine has. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("widths")
class VectorRowsTest extends RowMathContract {
  private final VectorRows execution;

  VectorRowsTest(VectorRows execution) {
    this.execution = execution;
  }

  static List<Arguments> widths() {
    return Stream.of(512, 256)
        .filter(VectorMatMul::isAvailable)
        .map(bits -> Arguments.of(new VectorRows(bits)))
        .toList();
  }

  @Override
  RowMath execution() {
    return execution;
  }

  /** Otherwise the process ends. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingBesideTheRowsIsTouched(boolean isBehind) {
    for (int width : new int[] {1, 15, 16, 33, 128}) {
      for (int rows : new int[] {1, 5}) {
        try (var memory = new EdgeOfMemory(isBehind)) {
          long x = memory.allocate(4L * rows * width).address();
          long y = memory.allocate(4L * rows * width).address();
          long scale = memory.allocate(4L * width).address();
          long shift = memory.allocate(4L * width).address();
          execution.layerNorm(x, width, rows, width, scale, shift, 1, y, width);
          execution.activate(Activation.GELU, y, width, rows, width);
          execution.add(x, width, rows, width, y, width);
        }
      }
    }
  }
}
