package dev.falconer.loadtest.load;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingException;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.traffic.Traffic;
import java.time.Duration;

/** One client that sends its next request when it has the answer to the last. */
final class ClosedLoop {
  private ClosedLoop() {}

  /** Returns the latencies of one client over some seconds; at least one request is sent. */
  static Measured run(
      RankingClient client,
      Traffic traffic,
      Mode mode,
      double seconds,
      double objectiveMillis,
      Duration deadline) {
    var meter = new Meter(objectiveMillis);
    long start = System.nanoTime();
    long end = start + Math.round(seconds * 1e9);
    long sent = 0;
    do {
      var request = traffic.next().withMode(mode);
      long at = System.nanoTime();
      sent++;
      try {
        meter.answered(client.rank(request, deadline), at, at, System.nanoTime());
      } catch (RankingException failure) {
        meter.failed(failure);
      }
    } while (System.nanoTime() < end);
    double took = (System.nanoTime() - start) / 1e9;
    return meter.measured(sent / took, took, sent, true);
  }
}
