package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.packed.Rounding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScalarMatMulTest extends KernelContract {
  @Override
  MatMul execution() {
    return new ScalarMatMul();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheProductWithThePackedWeight(Case each) {
    float[] weight = each.weight();
    byte[] bytes = each.packed();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes.length, 64);
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
      PackedMatrix packed = PackedMatrix.at(memory.address(), bytes.length);
      MemorySegment x = arena.allocate(4L * each.in(), 64);
      Rounding rounding = each.rounding();
      var z = new float[each.in()];
      for (int i = 0; i < each.in(); i++) {
        float factor = each.isInt8() ? rounding.factors()[i] : 1;
        // Integers, of which 127 or 63 is the largest: rounding changes nothing.
        z[i] = factor == 0 ? 0 : i == 0 ? rounding.levels() : i % 7 - 3;
        float there = factor == 0 ? 100 : z[i] / factor;
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, rounding.centres()[i] + there);
      }
      MemorySegment y = arena.allocate(4L * each.out(), 64);
      execution()
          .run(packed, x.address(), each.in(), 1, 0, Activation.NONE, y.address(), each.out());
      for (int o = 0; o < each.out(); o++) {
        double sum = 0;
        for (int i = 0; i < each.in(); i++) {
          sum += (double) z[i] * weight[o * each.in() + i];
        }
        double scale =
            each.isInt8()
                ? memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, packed.header().scales() + 4L * o)
                : 1;
        assertEquals(
            sum * scale,
            y.getAtIndex(ValueLayout.JAVA_FLOAT, o),
            1e-6 * Math.abs(sum) + 1e-6,
            each + ", output " + o);
      }
    }
  }
}
