package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  private static final String OPTION = "--target-x";

  @ParameterizedTest
  @CsvSource({
    "40MB, 40000000",
    "40 MB, 40000000",
    "40MiB, 41943040",
    "1.5kb, 1500",
    ".5GiB, 536870912",
    "12345, 12345",
    "40%, 400",
    "12.5 %, 125"
  })
  void sizesAreAmountsOrShares(String text, double bytes) {
    assertEquals(bytes, Target.parse(Target.Unit.BYTES, OPTION, text).of(1000), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"0.5ms, .5", "500 us, .5", "500µs, .5", "2s, 2000", "60%, 1.2"})
  void timesAreAmountsOrShares(String text, double millis) {
    assertEquals(millis, Target.parse(Target.Unit.MILLIS, OPTION, text).of(2), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "MB", "40 apples", "-4MB", "0", "0%", "1e400MB", "4,5MB", "40MB%", "3ms", "."})
  void whatIsNoSizeIsRefusedWithExamples(String text) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Target.parse(Target.Unit.BYTES, OPTION, text));

    assertTrue(
        e.getMessage().contains(OPTION + " \"" + text + "\"")
            && e.getMessage().contains("40MB, 40MiB or 40%"),
        e.getMessage());
  }

  @Test
  void aTimeNeedsItsUnit() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Target.parse(Target.Unit.MILLIS, OPTION, "5"));

    assertTrue(e.getMessage().contains("0.5ms, 500us or 60%"), e.getMessage());
  }
}
