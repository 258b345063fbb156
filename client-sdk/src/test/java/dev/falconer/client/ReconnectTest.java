package dev.falconer.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReconnectTest {
  @Test
  void isDueOnceInAnInterval() {
    var clock = new AtomicLong(Long.MAX_VALUE - 5);
    var reconnect = new Reconnect(clock::get);

    assertTrue(reconnect.isDue());
    assertFalse(reconnect.isDue());

    clock.addAndGet(Reconnect.INTERVAL_NANOS - 1);
    assertFalse(reconnect.isDue());

    clock.incrementAndGet();
    assertTrue(reconnect.isDue());
  }
}
