package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NativePeakTest {
  private static final long ROUNDS = 10_000;

  @Test
  void portableCodeHasNoPeak() {
    NativePeak peak = peak(Isa.PORTABLE);

    assertEquals(0, peak.run(false, ROUNDS));
    assertEquals(0, peak.run(true, ROUNDS));
  }

  /** Two units of 6 GHz are more than any processor has: what is faster was not computed. */
  @ParameterizedTest
  @EnumSource(names = {"AVX2", "AVX512", "AVX512VNNI"})
  void everyOperationIsDone(Isa isa) {
    NativePeak peak = peak(isa);
    for (boolean isInt8 : new boolean[] {false, true}) {
      peak.run(isInt8, ROUNDS);
      long start = System.nanoTime();
      long operations = peak.run(isInt8, ROUNDS);
      double rate = operations / (double) (System.nanoTime() - start);

      int numbers = (isa == Isa.AVX2 ? 256 : 512) / (isInt8 ? 8 : 32);
      assertEquals(0, operations % (2L * numbers * ROUNDS), isa + ": " + operations);
      assertTrue(operations > 0, isa + " has none");
      assertTrue(rate < 2 * 6 * 2 * numbers, isa + ": " + rate + " operations a nanosecond");
    }
  }

  private static NativePeak peak(Isa isa) {
    NativeKernels kernels = NativeKernels.load(isa);
    assumeTrue(kernels.matMul().isPresent(), kernels.notice());
    assumeTrue(kernels.matMul().get().isa() == isa, "this processor has no " + isa);
    return kernels.peak().orElseThrow();
  }
}
