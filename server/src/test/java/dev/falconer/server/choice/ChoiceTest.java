package dev.falconer.server.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChoiceTest {
  private static final VariantKey PLAIN = new VariantKey("plain", ExecutedBy.ONNX_RUNTIME);
  private static final VariantKey INT8 = new VariantKey("int8", ExecutedBy.ONNX_RUNTIME);
  private static final VariantKey JAVA = new VariantKey("packed", ExecutedBy.JAVA);
  private static final VariantKey NATIVE = new VariantKey("packed", ExecutedBy.NATIVE);

  /** Times at 16, 64 and 256; the plain variant takes 1, 4 and 16 ms. */
  private static Measured times(VariantKey key, double... millis) {
    return new Measured(
        key,
        List.of(16, 64, 256),
        List.of(1.0, 4.0, 16.0),
        List.of(millis[0], millis[1], millis[2]),
        0);
  }

  private static VariantKey chosen(Measured... measured) {
    return Choice.fastest(PLAIN, List.of(measured)).key();
  }

  @Test
  void theFastestOverARequestIsServed() {
    assertEquals(NATIVE, chosen(times(JAVA, .5, 2, 8), times(NATIVE, .5, 2, 4)));
    assertEquals(JAVA, chosen(times(JAVA, .5, 2, 3), times(NATIVE, .1, .4, 4)));
  }

  @Test
  void thePlainOneIsServedWhereOthersAreHardlyFaster() {
    assertEquals(PLAIN, chosen());
    assertEquals(PLAIN, chosen(times(INT8, 1, 4, 15.9)));
    assertEquals(INT8, chosen(times(INT8, 1, 4, 15)));
  }

  @Test
  void whatIsSlowerAtASizeIsNotServed() {
    assertEquals(PLAIN, chosen(times(JAVA, 1.1, 2, 4)));
    assertEquals(PLAIN, chosen(times(JAVA, .1, .2, 17)));
    assertEquals(NATIVE, chosen(times(JAVA, 1.1, 2, 4), times(NATIVE, 1.01, 3, 15)));
  }

  @Test
  void aRequestIsOfTwoFullMicroBatchesAndARest() {
    // (2 x 16 + (1 + 4) / 2) / (2 x 4 + (1 + 1) / 2)
    assertEquals(34.5 / 9, times(NATIVE, 1, 1, 4).speedup(), 1e-12);
    assertEquals(
        2, new Measured(NATIVE, List.of(7), List.of(3.0), List.of(1.5), 0).speedup(), 1e-12);
  }

  @Test
  void timesThatAreNoNumbersAreNotServed() {
    assertEquals(PLAIN, chosen(times(NATIVE, Double.NaN, 1, 1)));
  }

  @Test
  void theChoiceSaysHowMuchFaster() {
    var choice = Choice.fastest(PLAIN, List.of(times(INT8, 2, 8, 32), times(NATIVE, .5, 2, 8)));

    assertEquals("packed:native, 2.00 times as fast as plain, measured now", choice.toString());
    assertEquals(Map.of(INT8, .5, NATIVE, 2.0), choice.speedups());
    assertEquals(
        "int8: 2.000 ms at 16 (plain 1.000), 8.000 ms at 64 (plain 4.000), 32.000 ms at 256"
            + " (plain 16.000), 0.50 times as fast; scores differ by 0.0e+00",
        choice.measured().getFirst().toString());
  }

  @Test
  void aFlagNamesAVariantAndWhatComputesIt() {
    assertEquals(new Wanted.Fastest(), Wanted.parse("auto"));
    assertEquals(new Wanted.Named("plain", Optional.empty()), Wanted.parse("plain"));
    assertEquals(
        new Wanted.Named("packed", Optional.of(ExecutedBy.JAVA)), Wanted.parse("packed:java"));
    for (String wrong : List.of("", ":java", "packed:", "packed:onnxruntime", "packed:gpu")) {
      var error = assertThrows(IllegalArgumentException.class, () -> Wanted.parse(wrong));
      assertEquals(
          "--variant: got \"" + wrong + "\", want auto, plain, NAME, NAME:java or NAME:native",
          error.getMessage());
    }
  }
}
