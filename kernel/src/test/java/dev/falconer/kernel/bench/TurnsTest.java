package dev.falconer.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void subjectsTakeTurnsEveryOtherRoundBackwards() throws OrtException {
    System.setProperty("jmh.ignoreLock", "true");
    var calls = new ArrayList<String>();

    double[] nanos =
        new Turns(4, System::nanoTime)
            .nanos(
                List.of(
                    () -> call(calls, "a", .5),
                    () -> call(calls, "b", 2),
                    () -> call(calls, "c", 8)));

    // Each turn a call to approach and one that is timed.
    List<String> last = calls.subList(calls.size() - 24, calls.size());
    assertEquals("aabbccccbbaaaabbccccbbaa", String.join("", last));
    assertTrue(nanos[0] >= .5e6 && nanos[1] >= 2e6 && nanos[2] >= 8e6, Arrays.toString(nanos));
    assertTrue(nanos[0] < nanos[1] && nanos[1] < nanos[2], Arrays.toString(nanos));
  }

  @Test
  void aMedianIsTheMiddleOrBetweenTheTwo() {
    assertEquals(3, Turns.median(new double[] {9, 1, 3}));
    assertEquals(2.5, Turns.median(new double[] {9, 1, 3, 2}));
  }

  private static void call(List<String> calls, String name, double millis) {
    calls.add(name);
    long end = System.nanoTime() + (long) (millis * 1e6);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
