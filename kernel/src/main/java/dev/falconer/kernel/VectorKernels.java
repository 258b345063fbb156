package dev.falconer.kernel;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kernels by Java's vectors, if this program has them on this machine.
 *
 * @param execution by the widest vectors allowed, not yet compiled
 * @param notice one line on what was chosen, or why there is none
 */
public record VectorKernels(Optional<Execution> execution, String notice) {
  /**
   * Returns the kernels.
   *
   * @param most caps the width: instruction sets before {@link Isa#AVX512} have 256 bits; {@link
   *     Isa#JAVA} has what the machine has
   */
  public static VectorKernels of(Isa most) {
    boolean isNarrow = most == Isa.PORTABLE || most == Isa.AVX2;
    return Stream.of(512, 256)
        .filter(bits -> bits == 256 || !isNarrow)
        .filter(VectorMatMul::isAvailable)
        .findFirst()
        .map(VectorKernels::ofBits)
        .orElseGet(() ->
            new VectorKernels(
                Optional.empty(),
                "no kernels by Java's vectors: Java was started without"
                    + " --add-modules jdk.incubator.vector, or the machine's are of less than 256"
                    + " bits"));
  }

  private static VectorKernels ofBits(int bits) {
    var execution =
        new Execution(new VectorMatMul(bits), new VectorRows(bits), new VectorAttention(bits));
    return new VectorKernels(
        Optional.of(execution), "kernels by Java's vectors of " + bits + " bits");
  }
}
