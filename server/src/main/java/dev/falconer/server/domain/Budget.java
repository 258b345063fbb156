package dev.falconer.server.domain;

import java.util.function.BooleanSupplier;

/**
 * What a request may still spend.
 *
 * @param deadlineNanos of {@link System#nanoTime}; ignored unless {@code hasDeadline}
 * @param isCancelled whether the client went away
 */
public record Budget(boolean hasDeadline, long deadlineNanos, BooleanSupplier isCancelled) {
  /** No deadline, never cancelled. */
  public static final Budget UNLIMITED = new Budget(false, 0, () -> false);

  /** Throws when nobody waits for the answer any more. */
  public void check() {
    if (isCancelled.getAsBoolean()) {
      throw new RequestException(ErrorCode.CANCELLED, "the client cancelled the request");
    }
    if (remainingNanos() <= 0) {
      throw late();
    }
  }

  /** Returns the time left in nanoseconds. */
  public long remainingNanos() {
    return hasDeadline ? deadlineNanos - System.nanoTime() : Long.MAX_VALUE;
  }

  /** Returns the failure of a request whose deadline passed. */
  public static RequestException late() {
    return new RequestException(
        ErrorCode.DEADLINE_PASSED, "the deadline passed before the answer was ready");
  }
}
