package dev.falconer.server.admission;

/**
 * Tells which requests the transport's own thread may answer: those that are alone in the server
 * and, going by the ones before, take less than a millisecond. Handing such a request to a sleeping
 * core and its answer back costs more than a third of it. A second request that comes meanwhile on
 * the same connections waits for that long at most; from then on the pool's threads take all.
 *
 * <p>Safe for use by many threads: a lost update is one observation less.
 */
public final class LoneRequests {
  static final long SHORT_NANOS = 1_000_000;

  /** A long request is remembered for about this many short ones. */
  private static final int MEMORY = 16;

  /** Before there is experience, and while code is cold, the pool answers. */
  private static final long UNKNOWN_NANOS = 1_000 * SHORT_NANOS;

  private final Admission admission;
  private volatile long usualNanos = UNKNOWN_NANOS;

  /** Watches the requests that the admission counts. */
  public LoneRequests(Admission admission) {
    this.admission = admission;
  }

  /** Returns whether the caller's request, which has entered, is one. */
  public boolean isOne() {
    return usualNanos <= SHORT_NANOS && admission.inFlight() == 1;
  }

  /** Remembers how long a request took: rises at once, sinks slowly. */
  public void took(long nanos) {
    long usual = usualNanos;
    usualNanos = nanos >= usual ? nanos : usual - (usual - nanos) / MEMORY;
  }
}
