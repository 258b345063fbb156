package dev.falconer.server.engine.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract on every instruction set that this machine has. */
@ParameterizedClass
@EnumSource(value = Isa.class, names = "JAVA", mode = EnumSource.Mode.EXCLUDE)
class NativeMatMulTest extends KernelContract {
  private static final Map<Isa, NativeKernels> KERNELS =
      Arrays.stream(Isa.values()).collect(Collectors.toMap(isa -> isa, NativeKernels::load));

  @Parameter Isa isa;

  @BeforeEach
  void thisMachineHasIt() {
    NativeKernels kernels = KERNELS.get(isa);
    assumeTrue(kernels.matMul().isPresent(), kernels.notice());
    assumeTrue(
        kernels.matMul().get().isa() == isa,
        "this processor has no " + isa + ", but " + kernels.matMul().get().isa());
  }

  @Override
  MatMul execution() {
    return KERNELS.get(isa).matMul().orElseThrow();
  }
}
