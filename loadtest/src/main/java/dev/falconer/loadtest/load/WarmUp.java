package dev.falconer.loadtest.load;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.traffic.Traffic;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Load before anything is measured: compiles client and server, fills the cache. A few calls are in
 * flight at once, as in the open loop.
 */
final class WarmUp {
  private static final int IN_FLIGHT = 4;

  private WarmUp() {}

  /** Sends requests for some seconds; what comes back is not looked at. */
  static void run(
      RankingClient client, Traffic traffic, Mode mode, double seconds, Duration deadline)
      throws InterruptedException {
    var slots = new Semaphore(IN_FLIGHT);
    long end = System.nanoTime() + Math.round(seconds * 1e9);
    while (System.nanoTime() < end) {
      slots.acquire();
      var request = traffic.next().withMode(mode);
      var _ = client.rankAsync(request, deadline).whenComplete((_, _) -> slots.release());
    }
    slots.acquire(IN_FLIGHT);
  }
}
