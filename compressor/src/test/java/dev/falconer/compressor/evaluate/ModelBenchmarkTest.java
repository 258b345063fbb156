package dev.falconer.compressor.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ModelBenchmarkTest {
  @Test
  void callsInThisProcessAsOftenAsAsked() {
    var calls = new AtomicInteger();

    List<Double> times = ModelBenchmark.millis(calls::incrementAndGet, 2, 5);

    assertEquals(5, times.size());
    assertEquals(7, calls.get());
    assertTrue(times.stream().allMatch(time -> time > 0), times.toString());
  }
}
