package dev.falconer.server.admission;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Tells which requests the transport's own thread may answer: those that are alone in the server
 * and, going by the ones of their kind before, take less than a millisecond. Handing such a request
 * to a sleeping core and its answer back costs more than a third of it. A second request that comes
 * meanwhile on the same connections waits for that long; from then on the pool's threads take all.
 *
 * <p>Safe for use by many threads: a lost update is one observation less.
 */
public final class LoneRequests {
  static final long SHORT_NANOS = 1_000_000;

  /** A long request is remembered for about this many short ones. */
  private static final int MEMORY = 16;

  /** The first request of a kind counts as this many times longer: its code may be cold. */
  private static final int CAUTION = 64;

  private final Admission admission;
  private final ConcurrentMap<String, Double> nanosPerUnit = new ConcurrentHashMap<>();

  /**
   * What a request asks for.
   *
   * @param kind of work: a model and how it is run
   * @param units how much of it, at least 1; time is taken to grow with them
   */
  public record Work(String kind, long units) {}

  /** Watches the requests that the admission counts. */
  public LoneRequests(Admission admission) {
    this.admission = admission;
  }

  /** Returns whether the caller's request, which has entered, is one. */
  public boolean isOne(Work work) {
    Double each = nanosPerUnit.get(work.kind());
    return each != null && each * work.units() <= SHORT_NANOS && admission.inFlight() == 1;
  }

  /** Remembers how long an answered request took: rises at once, sinks slowly. */
  public void took(Work work, long nanos) {
    double each = (double) nanos / work.units();
    Double usual = nanosPerUnit.get(work.kind());
    nanosPerUnit.put(
        work.kind(),
        usual == null ? CAUTION * each : each >= usual ? each : usual - (usual - each) / MEMORY);
  }
}
