package dev.falconer.loadtest.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One run.
 *
 * @param rate requests per second asked for; of a closed loop, those answered
 * @param seconds from the first intended start to the last answer
 * @param sent requests sent
 * @param latency of answered requests, nanoseconds; from the intended start in an open loop
 * @param withinObjective answered requests within the objective
 * @param errors requests that got none, by status
 * @param states answers by what happened to the user's state
 * @param stages mean time by stage
 * @param complete false when the run was stopped because the objective was out of reach
 */
public record Measured(
    double rate,
    double seconds,
    long sent,
    Histogram latency,
    long withinObjective,
    Map<String, Long> errors,
    Map<String, Long> states,
    Stages stages,
    boolean complete) {

  /** Share of requests that may miss the objective. */
  static final double MISSES_ALLOWED = .01;

  /** Copies the maps. */
  public Measured {
    errors = Map.copyOf(errors);
    states = Map.copyOf(states);
  }

  /** Returns a percentile of the latency in milliseconds; NaN when nothing was answered. */
  public double millis(double percentile) {
    return answered() == 0 ? Double.NaN : latency.getValueAtPercentile(percentile) / 1e6;
  }

  /** Returns how many requests were answered. */
  public long answered() {
    return latency.getTotalCount();
  }

  /** Returns answers per second. */
  public double throughput() {
    return answered() / seconds;
  }

  /** Returns whether 99 of 100 requests sent were answered within the objective. */
  public boolean met() {
    return complete && sent > 0 && withinObjective >= sent * (1 - MISSES_ALLOWED);
  }
}
