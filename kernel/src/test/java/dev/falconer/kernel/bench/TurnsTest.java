package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void subjectsTakeTurnsEveryOtherRoundBackwards() throws OrtException {
    System.setProperty("jmh.ignoreLock", "true");
    var calls = new ArrayList<String>();

    List<Double> nanos =
        new Turns(4, System::nanoTime)
            .medians(
                List.of(
                    () -> call(calls, "a", .5),
                    () -> call(calls, "b", 2),
                    () -> call(calls, "c", 8)))
            .nanos();

    // Each turn a call to approach and one that is timed.
    List<String> last = calls.subList(calls.size() - 24, calls.size());
    assertEquals("aabbccccbbaaaabbccccbbaa", String.join("", last));
    assertTrue(nanos.get(0) > .4e6 && nanos.get(0) < nanos.get(1), nanos.toString());
    assertTrue(nanos.get(1) < nanos.get(2), nanos.toString());
  }

  @Test
  void waitingForACoreIsNoTimeOfACall() throws OrtException {
    System.setProperty("jmh.ignoreLock", "true");

    var medians =
        new Turns(2, System::nanoTime).medians(List.of(() -> LockSupport.parkNanos(2_000_000)));

    assertTrue(medians.nanos().getFirst() < 1e6, medians.toString());
    assertTrue(medians.waited() > .5, medians.toString());
  }

  @Test
  void aMedianIsTheMiddleOrBetweenTheTwo() {
    assertEquals(3, Turns.median(new double[] {9, 1, 3}));
    assertEquals(2.5, Turns.median(new double[] {9, 1, 3, 2}));
  }

  private static void call(List<String> calls, String name, double millis) {
    calls.add(name);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long end = threads.getCurrentThreadCpuTime() + (long) (millis * 1e6);
    while (threads.getCurrentThreadCpuTime() < end) {
      Thread.onSpinWait();
    }
  }
}
