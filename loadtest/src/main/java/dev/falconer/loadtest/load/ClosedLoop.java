package dev.falconer.loadtest.load;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingException;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.traffic.Traffic;
import java.time.Duration;

/** One client that sends its next request when it has the answer to the last. */
final class ClosedLoop {
  private final RankingClient client;
  private final Traffic traffic;
  private final Mode mode;
  private final Meter meter;
  private final Duration deadline;
  private double seconds;
  private long sent;

  ClosedLoop(
      RankingClient client, Traffic traffic, Mode mode, double objectiveMillis, Duration deadline) {
    this.client = client;
    this.traffic = traffic;
    this.mode = mode;
    this.meter = new Meter(objectiveMillis);
    this.deadline = deadline;
  }

  /** Runs for some seconds more; at least one request is sent. */
  void run(double more) {
    long start = System.nanoTime();
    long end = start + Math.round(more * 1e9);
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
    seconds += (System.nanoTime() - start) / 1e9;
  }

  /** Returns what all runs together measured. */
  Measured measured() {
    return meter.measured(sent / seconds, seconds, sent, true);
  }
}
