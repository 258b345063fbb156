package dev.falconer.loadtest.scenario;

import dev.falconer.client.RankingRequest.Mode;
import java.util.List;

/**
 * A load test.
 *
 * @param name shown in the report
 * @param users how many users there are
 * @param zipfExponent the user of rank r is asked for in proportion to 1 / r^exponent
 * @param candidates candidates per request
 * @param growthPerRequest events that a user's history gains from one request to the next
 * @param historyLow the window's low mark; 0: half of the high one
 * @param historyHigh the window's high mark; 0: the model's history_max
 * @param sloP99Millis the objective: 99 of 100 requests answered within this time
 * @param warmupSeconds load before anything is measured
 * @param closedLoopSeconds length of the run of one client, per mode
 * @param stepSeconds length of one rate step
 * @param rates the rate steps
 * @param modes what to compare
 * @param seed of users, histories, candidates and arrivals
 */
public record Scenario(
    String name,
    int users,
    double zipfExponent,
    int candidates,
    double growthPerRequest,
    int historyLow,
    int historyHigh,
    double sloP99Millis,
    double warmupSeconds,
    double closedLoopSeconds,
    double stepSeconds,
    Rates rates,
    List<Mode> modes,
    long seed) {

  /** Copies the list. {@link ScenarioFile} checks the ranges, naming keys. */
  public Scenario {
    modes = List.copyOf(modes);
  }

  /** Returns this scenario in about 25 seconds: shorter runs, fewer steps. */
  public Scenario quick() {
    return new Scenario(
        name + " (quick)",
        users,
        zipfExponent,
        candidates,
        growthPerRequest,
        historyLow,
        historyHigh,
        sloP99Millis,
        Math.min(warmupSeconds, 4),
        Math.min(closedLoopSeconds, 1.2),
        Math.min(stepSeconds, 1.2),
        new Rates(
            rates.start(),
            Math.max(rates.factor(), 1.8),
            Math.min(rates.steps(), 5),
            Math.min(rates.refinements(), 1)),
        modes,
        seed);
  }
}
