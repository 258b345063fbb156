package dev.falconer.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.loadtest.scenario.Rates;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class RateSearchTest {
  private static List<Double> search(Rates rates, double start, double capacity) {
    var search = new RateSearch(rates, start);
    while (!search.isDone()) {
      search.record(measured(search.next(), search.next() <= capacity));
    }
    return search.steps().stream().map(Measured::rate).toList();
  }

  private static Measured measured(double rate, boolean met) {
    var histogram = new Histogram(3);
    histogram.recordValue(1_000);
    return new Measured(
        rate,
        1,
        1,
        histogram,
        met ? 1 : 0,
        Map.of(),
        Map.of(),
        new Stages(0, 0, 0, 0, 0, 0, 0),
        true);
  }

  @Test
  void climbsThenBisects() {
    var rates = search(new Rates(0, 2, 10, 3), 10, 100);

    assertEquals(List.of(10.0, 20.0, 40.0, 80.0, 160.0), rates.subList(0, 5));
    assertEquals(Math.sqrt(80 * 160), rates.get(5), 1e-9);
    assertEquals(Math.sqrt(80 * rates.get(5)), rates.get(6), 1e-9);
    assertTrue(rates.get(7) < rates.get(5) && rates.get(7) > rates.get(6));
    assertEquals(8, rates.size());
  }

  @Test
  void goesDownWhenTheFirstStepMisses() {
    assertEquals(List.of(40.0, 20.0, 10.0, 5.0), search(new Rates(0, 2, 10, 0), 40, 7));
  }

  @Test
  void endsWhenNoStepMeets() {
    assertEquals(List.of(8.0, 4.0, 2.0), search(new Rates(0, 2, 3, 5), 8, 1));
  }

  @Test
  void endsAtTheLastStepWhenAllMeet() {
    assertEquals(List.of(1.0, 2.0, 4.0), search(new Rates(0, 2, 3, 5), 1, 1e9));
  }
}
