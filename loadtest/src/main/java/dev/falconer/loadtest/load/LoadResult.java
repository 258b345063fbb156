package dev.falconer.loadtest.load;

import dev.falconer.loadtest.scenario.Scenario;
import java.time.Instant;
import java.util.List;

/**
 * A load test's result.
 *
 * @param target the server
 * @param model its name
 * @param version the version that answered
 * @param machine CPU and cores of the client's machine
 * @param started when
 * @param seconds how long it took
 * @param scenario what was asked for
 * @param historyLow the history window's low mark as used
 * @param historyHigh the history window's high mark as used
 * @param modes in the scenario's order
 */
public record LoadResult(
    String target,
    String model,
    String version,
    String machine,
    Instant started,
    double seconds,
    Scenario scenario,
    int historyLow,
    int historyHigh,
    List<ModeResult> modes) {
  /** Copies the list. */
  public LoadResult {
    modes = List.copyOf(modes);
  }
}
