package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeKernelsTest {
  @Test
  void javaMeansNothingIsLoaded() {
    assertNone(
        "FALCONER_MAX_ISA is java", NativeKernels.load(Isa.most(Map.of(Isa.VARIABLE, "java"))));
  }

  @Test
  void whatIsMissingBrokenOrOfAnotherVersionIsANotice() {
    assertNone("neither gcc nor clang", NativeKernels.load(Isa.AVX2, "/native/none.so", 2));
    String noLibrary = "/" + NativeKernels.class.getName().replace('.', '/') + ".class";
    assertNone("can't be loaded", NativeKernels.load(Isa.AVX2, noLibrary, 2));

    NativeKernels own = NativeKernels.load(Isa.PORTABLE);
    assumeTrue(own.execution().isPresent(), own.notice());
    assertEquals("native kernels: portable", own.notice());
    int next = NativeKernels.VERSION + 1;
    assertNone(
        "of version %d, want %d".formatted(NativeKernels.VERSION, next),
        NativeKernels.load(Isa.AVX2, NativeKernels.RESOURCE, next));
  }

  @Test
  void theEnvironmentCapsTheInstructionSet() {
    assertEquals(Isa.AVX512VNNI, Isa.most(Map.of()));
    assertEquals(Isa.AVX2, Isa.most(Map.of(Isa.VARIABLE, "avx2")));
    var error =
        assertThrows(IllegalArgumentException.class, () -> Isa.most(Map.of(Isa.VARIABLE, "sse9")));
    assertEquals(
        "FALCONER_MAX_ISA is \"sse9\", want one of java, portable, avx2, avx512, avx512vnni",
        error.getMessage());
  }

  private static void assertNone(String why, NativeKernels kernels) {
    assertTrue(kernels.execution().isEmpty() && kernels.peak().isEmpty(), kernels.notice());
    assertTrue(kernels.notice().startsWith("no native kernels: "), kernels.notice());
    assertTrue(kernels.notice().contains(why), kernels.notice());
  }
}
