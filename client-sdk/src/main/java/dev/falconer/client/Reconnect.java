package dev.falconer.client;

import io.grpc.ManagedChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Shortens the wait for a server that came back. gRPC's reconnect backoff grows to two minutes
 * while a server is down; a caller who still asks is told UNAVAILABLE long after it is up again. So
 * a failed call resets the backoff, at most twice a second.
 */
final class Reconnect {
  static final long INTERVAL_NANOS = 500_000_000;

  private final LongSupplier nanoTime;
  private final AtomicLong last;

  Reconnect(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = new AtomicLong(nanoTime.getAsLong() - INTERVAL_NANOS);
  }

  /** Resets the channel's backoff, unless that was done within the interval. */
  void soon(ManagedChannel channel) {
    if (isDue()) {
      channel.resetConnectBackoff();
    }
  }

  /** Returns whether the interval has passed since the last time this returned true. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    long before = last.get();
    return now - before >= INTERVAL_NANOS && last.compareAndSet(before, now);
  }
}
