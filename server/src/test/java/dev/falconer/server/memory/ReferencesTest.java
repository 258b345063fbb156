package dev.falconer.server.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReferencesTest {
  @Test
  void whatWasLetGoIsNeverRetainedAgain() {
    var freed = new AtomicInteger();
    var references = new References(freed::incrementAndGet);
    assertTrue(references.tryRetain());
    references.release();
    assertEquals(0, freed.get());

    references.release();

    assertEquals(1, freed.get());
    assertFalse(references.tryRetain());
    assertThrows(IllegalStateException.class, references::release);
    assertEquals(1, freed.get());
  }
}
