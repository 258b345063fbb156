package dev.falconer.kernel;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
}
