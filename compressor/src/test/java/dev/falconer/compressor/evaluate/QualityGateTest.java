package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.QualityGate.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityGateTest {
  private final QualityGate gate = new QualityGate(.001, .002);

  /** A model of AUC .8 and NE .9: AUC may fall by .0008, NE rise by .0018. */
  private static Quality dense(long positives) {
    return new Quality(
        "click", 100, positives, at(.8), at(.9), at(1), at(.5), new Interval(.5, .5, .5));
  }

  private static Interval at(double value) {
    return new Interval(value, value - .01, value + .01);
  }

  private Verdict verdict(Interval auc, Interval ne) {
    return gate.of(List.of(dense(30)), List.of(new Quality.Difference("click", auc, ne)))
        .getFirst();
  }

  @Test
  void limitsAreSharesOfTheDenseModelsFigures() {
    Verdict verdict = verdict(at(0), at(0));

    assertEquals(8e-4, verdict.aucLimit(), 1e-12);
    assertEquals(18e-4, verdict.neLimit(), 1e-12);
  }

  @Test
  void theDifferenceDecidesAndTheIntervalTellsHowSureThatIs() {
    Verdict sure = verdict(new Interval(-4e-4, -7e-4, 2e-4), new Interval(-.01, -.02, .001));
    assertTrue(sure.isWithin() && sure.isCertain());

    Verdict unsure = verdict(new Interval(-7e-4, -9e-4, 2e-4), new Interval(0, -.01, .001));
    assertTrue(unsure.isWithin());
    assertFalse(unsure.isCertain());
  }

  @Test
  void eitherFigureCanFail() {
    assertFalse(verdict(new Interval(-9e-4, -.01, .01), at(0)).isWithin());
    assertFalse(verdict(new Interval(.01, 0, .02), new Interval(.0019, 0, .01)).isWithin());
    assertFalse(verdict(new Interval(Double.NaN, Double.NaN, Double.NaN), at(0)).isWithin());
  }

  @Test
  void labelsOfOneKindGateNothing() {
    for (long positives : new long[] {0, 100}) {
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  gate.of(
                      List.of(dense(positives)),
                      List.of(new Quality.Difference("click", at(0), at(0)))));
      assertTrue(String.valueOf(thrown.getMessage()).contains("task \"click\""), thrown + "");
    }
  }

  @Test
  void refusesLimitsBelowNothing() {
    assertThrows(IllegalArgumentException.class, () -> new QualityGate(-1e-3, 0));
    assertThrows(IllegalArgumentException.class, () -> new QualityGate(0, Double.NaN));
  }
}
