package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorKernelsTest {
  @ParameterizedTest
  @EnumSource(Isa.class)
  void theInstructionSetCapsTheWidth(Isa most) {
    boolean isWide = most == Isa.JAVA || most.compareTo(Isa.AVX512) >= 0;

    VectorKernels kernels = VectorKernels.of(most);

    if (isWide && VectorMatMul.isAvailable(512)) {
      assertEquals("kernels by Java's vectors of 512 bits", kernels.notice());
    } else if (VectorMatMul.isAvailable(256)) {
      assertEquals("kernels by Java's vectors of 256 bits", kernels.notice());
    } else {
      assertTrue(kernels.execution().isEmpty());
      assertTrue(kernels.notice().contains("no kernels by Java's vectors"), kernels.notice());
    }
  }
}
