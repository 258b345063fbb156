package dev.falconer.kernel;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract on every instruction set that this machine has. */
@ParameterizedClass
@EnumSource(value = Isa.class, names = "JAVA", mode = EnumSource.Mode.EXCLUDE)
class NativeRowsTest extends RowMathContract {
  @Parameter Isa isa;

  @BeforeEach
  void thisMachineHasIt() {
    NativeExecutions.assume(isa);
  }

  @Override
  RowMath execution() {
    return NativeExecutions.of(isa).rows();
  }

  /** Otherwise the process ends. */
  @Test
  void nothingBesideTheTensorsIsTouched() {
    for (boolean isBehind : new boolean[] {true, false}) {
      for (int width : new int[] {1, 7, 16, 33, 128}) {
        for (int rows : new int[] {1, 5}) {
          try (var memory = new EdgeOfMemory(isBehind)) {
            MemorySegment x = memory.allocate(4L * rows * width);
            MemorySegment y = memory.allocate(4L * rows * width);
            long scale = memory.allocate(4L * width).address();
            long shift = memory.allocate(4L * width).address();
            execution()
                .layerNorm(x.address(), width, rows, width, scale, shift, 1, y.address(), width);
            execution().add(x.address(), width, rows, width, y.address(), width);
            for (Activation activation : Activation.values()) {
              execution().activate(activation, y.address(), width, rows, width);
            }
          }
        }
      }
    }
  }
}
