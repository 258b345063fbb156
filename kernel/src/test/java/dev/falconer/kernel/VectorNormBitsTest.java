package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorNormBitsTest {
  private static final int ROWS = 40;
  private static final int WIDTH = 96;
  private static final long SEED = 3;

  @ParameterizedTest
  @ValueSource(ints = {512, 256})
  void aNormHasTheSameBitsBeforeAndAfterItIsCompiled(int bits) {
    assumeTrue(VectorMatMul.isAvailable(bits), "this machine has no such vectors");
    var rows = new VectorRows(bits);
    var random = new Random(SEED);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(JAVA_FLOAT, (ROWS + 1) * WIDTH);
      for (int i = 0; i < (ROWS + 1) * WIDTH; i++) {
        x.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
      }

      int[] interpreted = norms(rows, x, arena);
      assertTrue(rows.warmUp(Set.of(), Duration.ofSeconds(60)), "compiled");
      int[] compiled = norms(rows, x, arena);

      assertArrayEquals(interpreted, compiled, "seed " + SEED);
    }
  }

  private static int[] norms(VectorRows rows, MemorySegment x, Arena arena) {
    MemorySegment y = arena.allocate(JAVA_FLOAT, ROWS * WIDTH);
    long scale = x.address() + (long) Float.BYTES * ROWS * WIDTH;
    rows.layerNorm(x.address(), WIDTH, ROWS, WIDTH, scale, 0, 1e-5f, y.address(), WIDTH);
    return y.toArray(JAVA_INT);
  }
}
