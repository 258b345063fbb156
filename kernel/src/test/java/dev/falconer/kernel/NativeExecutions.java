package dev.falconer.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The native executions of all instruction sets. */
final class NativeExecutions {
  private static final Map<Isa, NativeKernels> KERNELS =
      Arrays.stream(Isa.values()).collect(Collectors.toMap(isa -> isa, NativeKernels::load));

  private NativeExecutions() {}

  /** Skips a test where this machine lacks an instruction set. */
  static void assume(Isa isa) {
    NativeKernels kernels = KERNELS.get(isa);
    assumeTrue(kernels.execution().isPresent(), kernels.notice());
    Isa best = kernels.matMul().orElseThrow().isa();
    assumeTrue(best == isa, "this processor has no " + isa + ", but " + best);
  }

  static Execution of(Isa isa) {
    return KERNELS.get(isa).execution().orElseThrow();
  }
}
