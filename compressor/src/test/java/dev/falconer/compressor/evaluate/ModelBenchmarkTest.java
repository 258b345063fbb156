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

    List<ModelBenchmark.Time> times = ModelBenchmark.times(calls::incrementAndGet, 2, 5);

    assertEquals(5, times.size());
    assertEquals(7, calls.get());
    assertTrue(
        times.stream().allMatch(time -> time.wallMillis() > 0 && time.cpuMillis() > 0),
        times.toString());
  }
}
