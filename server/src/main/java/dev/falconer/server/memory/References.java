package dev.falconer.server.memory;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who still uses something, and lets it go when nobody does. Starts at one, for whoever
 * creates it; once at zero it never rises again.
 */
public final class References {
  private final AtomicInteger count = new AtomicInteger(1);
  private final Runnable atZero;

  /** Creates a count of one; {@code atZero} runs once, in the thread of the last release. */
  public References(Runnable atZero) {
    this.atZero = atZero;
  }

  /** Returns whether one more user was counted; false when it was let go already. */
  public boolean tryRetain() {
    int now = count.get();
    while (now > 0) {
      int seen = count.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /** Counts one user less. Each retain, and the creation, is released once. */
  public void release() {
    int left = count.decrementAndGet();
    if (left == 0) {
      atZero.run();
    } else if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
  }
}
