package dev.falconer.compressor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.pack.PackOptions.Precision;
import dev.falconer.packed.Layout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PackedWeightTest {
  private static final int OUT = 48;
  private static final int IN = 64;
  private static final long SEED = 12;

  private static final List<String> W = List.of("w");

  /** Tells whether a weight is kept. */
  private interface Pattern {
    boolean keeps(int output, int input);
  }

  @Test
  void theLayoutIsThatOfTheZeros() {
    assertEquals(Layout.DENSE, floats((o, i) -> true));
    assertEquals(Layout.PANEL16, floats((o, i) -> (i + o / 16) % 4 == 0));
    assertEquals(Layout.PERMUTE16, floats((o, i) -> (i + o) % 4 == 0));
    assertEquals(
        Layout.DENSE, floats((o, i) -> new SplittableRandom(1000L * o + i).nextInt(4) > 0));

    assertEquals(Layout.DENSE, levels((o, i) -> true));
    assertEquals(Layout.PANEL16, levels((o, i) -> (i + o / 16) % 4 == 0));
    assertEquals(Layout.PANEL16X4, levels((o, i) -> (i / 4 + o / 16) % 4 == 0));
    assertEquals(Layout.DENSE, levels((o, i) -> (i + o) % 4 == 0));
  }

  @Test
  void aWeightOfZerosAloneIsPackedToo() {
    assertEquals(Layout.PANEL16, floats((o, i) -> false));
    assertEquals(Layout.PANEL16X4, levels((o, i) -> false));
  }

  @Test
  void timesAreThoseOfTheMeasuredKernels() {
    double half = time(weight((o, i) -> i % 2 == 0), PackOptions.FLOATS);
    double quarter = time(weight((o, i) -> i % 4 == 0), PackOptions.FLOATS);
    double permuted = time(weight((o, i) -> (i + o) % 4 == 0), PackOptions.FLOATS);

    assertEquals(1 / 1.9, half, .01);
    assertEquals(1 / 3.5, quarter, .01);
    assertEquals(1 / 2.8, permuted, .01);
  }

  @Test
  void fewOutputsStayFloats() {
    var weight = new float[7 * IN];
    weight[3] = 1;

    assertTrue(
        !PackedWeight.of(weight, 7, IN, W, PackOptions.BYTES, Optional.empty()).header().isInt8());
    assertTrue(
        PackedWeight.of(weight((o, i) -> true), OUT, IN, W, PackOptions.BYTES, Optional.empty())
            .header()
            .isInt8());
  }

  @Test
  void someWeightsMayHaveAnotherType() {
    PackOptions some = PackOptions.of(Map.of("w", Precision.INT8));
    float[] weight = weight((o, i) -> true);

    assertTrue(
        PackedWeight.of(weight, OUT, IN, List.of("w", "w"), some, Optional.empty())
            .header()
            .isInt8());
    assertTrue(
        PackedWeight.of(weight, OUT, IN, List.of("w#cand.2"), some, Optional.empty())
            .header()
            .isInt8());
    assertTrue(
        !PackedWeight.of(weight, OUT, IN, List.of("v"), some, Optional.empty()).header().isInt8());
    assertTrue(
        !PackedWeight.of(weight, OUT, IN, List.of("w", "v"), some, Optional.empty())
            .header()
            .isInt8(),
        "stacked upon floats");
  }

  @Test
  void levelsStayWithinTheOptions() {
    PackedWeight packed =
        PackedWeight.of(
            weight((o, i) -> true), OUT, IN, W, PackOptions.BYTES_ANYWHERE, Optional.empty());

    assertEquals(63, packed.header().largest());
    assertEquals(63, packed.header().activationLevels());
  }

  private static Layout floats(Pattern pattern) {
    return PackedWeight.of(weight(pattern), OUT, IN, W, PackOptions.FLOATS, Optional.empty())
        .header()
        .layout();
  }

  private static Layout levels(Pattern pattern) {
    return PackedWeight.of(weight(pattern), OUT, IN, W, PackOptions.BYTES, Optional.empty())
        .header()
        .layout();
  }

  private static double time(float[] weight, PackOptions options) {
    return PackedWeight.time(
        PackedWeight.of(weight, OUT, IN, W, options, Optional.empty()).header());
  }

  private static float[] weight(Pattern pattern) {
    var random = new Random(SEED);
    var weight = new float[OUT * IN];
    for (int o = 0; o < OUT; o++) {
      for (int i = 0; i < IN; i++) {
        weight[o * IN + i] = pattern.keeps(o, i) ? (float) random.nextGaussian() : 0;
      }
    }
    return weight;
  }
}
