package dev.falconer.server.admission;

import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.RequestException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the requests that are queued or running. Beyond the bound a request is rejected at once:
 * those accepted keep their latency, and a client learns early to go elsewhere.
 */
public final class Admission {
  private final int maxConcurrent;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Creates an admission of at most that many requests at once. */
  public Admission(int maxConcurrent) {
    this.maxConcurrent = maxConcurrent;
  }

  /** Takes a place, or throws {@link ErrorCode#OVERLOADED}. Each place taken is left once. */
  public void enter() {
    if (inFlight.incrementAndGet() > maxConcurrent) {
      inFlight.decrementAndGet();
      throw new RequestException(
          ErrorCode.OVERLOADED,
          "this server runs at most " + maxConcurrent + " requests at once (--max-concurrent)");
    }
  }

  /** Leaves a place. */
  public void leave() {
    inFlight.decrementAndGet();
  }

  /** Returns how many requests are queued or running. */
  public int inFlight() {
    return inFlight.get();
  }
}
