package dev.falconer.loadtest.load;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.traffic.Traffic;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests that arrive when they arrive, whether or not the server has answered the ones before:
 * Poisson arrivals at a given rate.
 *
 * <p>Latency counts from the moment a request was meant to start. A client that waits for a slow
 * answer before it sends, and counts from sending, leaves out just the requests that a stall would
 * have hit (coordinated omission). At most {@link #MOST_IN_FLIGHT} calls are open at once, to bound
 * memory; those that wait for a slot have their clock running.
 */
final class OpenLoop {
  private static final int MOST_IN_FLIGHT = 4_096;

  /** Below this a parked thread wakes too late; the rest of the wait spins. */
  private static final long SPIN_NANOS = 60_000;

  private OpenLoop() {}

  /**
   * Returns the latencies at a rate. Stops early once more requests missed the objective than a run
   * that meets it may have.
   */
  static Measured run(
      RankingClient client,
      Traffic traffic,
      Mode mode,
      double rate,
      double seconds,
      double objectiveMillis,
      Duration deadline,
      SplittableRandom arrivals)
      throws InterruptedException {
    var meter = new Meter(objectiveMillis);
    var slots = new Semaphore(MOST_IN_FLIGHT);
    long start = System.nanoTime();
    long end = start + Math.round(seconds * 1e9);
    double missesAllowed = Math.max(1, rate * seconds * Measured.MISSES_ALLOWED * 2);
    long sent = 0;
    long intended = start + gap(arrivals, rate);
    while (intended < end && meter.missed() <= missesAllowed) {
      var request = traffic.next().withMode(mode);
      await(intended);
      slots.acquire();
      long due = intended;
      long at = System.nanoTime();
      var _ =
          client
              .rankAsync(request, deadline)
              .whenComplete((ranking, failure) -> {
                if (failure == null) {
                  meter.answered(ranking, due, at, System.nanoTime());
                } else {
                  meter.failed(failure);
                }
                slots.release();
              });
      sent++;
      intended += gap(arrivals, rate);
    }
    boolean complete = intended >= end;
    slots.acquire(MOST_IN_FLIGHT);
    return meter.measured(rate, (System.nanoTime() - start) / 1e9, sent, complete);
  }

  private static long gap(SplittableRandom arrivals, double rate) {
    return Math.round(-Math.log(1 - arrivals.nextDouble()) / rate * 1e9);
  }

  private static void await(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (left > SPIN_NANOS) {
        LockSupport.parkNanos(left - SPIN_NANOS);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
