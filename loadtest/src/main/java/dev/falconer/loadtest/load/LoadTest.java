package dev.falconer.loadtest.load;

import dev.falconer.client.RankingClient;
import dev.falconer.client.RankingRequest.Mode;
import dev.falconer.loadtest.scenario.Scenario;
import dev.falconer.loadtest.traffic.Pools;
import dev.falconer.loadtest.traffic.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Runs a scenario: warm-up, then one client alone and the search for the rate, the modes in turn.
 */
public final class LoadTest {
  /**
   * Share of the warm-up of one mode beside the first: their code is the same for the most part.
   */
  private static final double OTHER_MODES_WARMUP = .25;

  private static final double FIRST_RATE = .25;
  private static final int CLOSED_LOOP_SLICES = 6;
  private static final Duration LEAST_DEADLINE = Duration.ofSeconds(2);
  private static final Duration ALONE_DEADLINE = Duration.ofMinutes(1);

  private final RankingClient client;
  private final String target;
  private final Pools pools;
  private final Scenario scenario;
  private final Consumer<String> progress;
  private final Duration deadline;
  private final String keyPrefix;

  /**
   * @param target shown in the report
   * @param keyPrefix begins every user key; another one each run, or old states are met
   * @param progress told of each run in a line
   */
  public LoadTest(
      RankingClient client,
      String target,
      Pools pools,
      Scenario scenario,
      String keyPrefix,
      Consumer<String> progress) {
    this.client = client;
    this.target = target;
    this.pools = pools;
    this.scenario = scenario;
    this.keyPrefix = keyPrefix;
    this.progress = progress;
    var tenfold = Duration.ofNanos(Math.round(scenario.sloP99Millis() * 10e6));
    this.deadline = tenfold.compareTo(LEAST_DEADLINE) > 0 ? tenfold : LEAST_DEADLINE;
  }

  /**
   * Returns the result. Throws RankingException when the server answers none of the first calls.
   */
  public LoadResult run() throws InterruptedException {
    var started = Instant.now();
    long from = System.nanoTime();
    var first = client.rank(new Traffic(pools, scenario, keyPrefix).next(), ALONE_DEADLINE);
    // Before the first mode is measured, or it would pay for compiling what the others use too.
    for (var mode : scenario.modes().reversed()) {
      warmUp(mode);
    }
    var runs = new ArrayList<ModeRun>();
    for (var mode : scenario.modes()) {
      runs.add(new ModeRun(mode));
    }
    for (int slice = 0; slice < CLOSED_LOOP_SLICES; slice++) {
      runs.forEach(ModeRun::alone);
    }
    runs.forEach(ModeRun::startSearch);
    while (runs.stream().anyMatch(ModeRun::isSearching)) {
      for (var run : runs) {
        run.step();
      }
    }
    var modes = runs.stream().map(ModeRun::result).toList();
    var window = Traffic.window(scenario, pools.manifest().getHistoryMax());
    return new LoadResult(
        target,
        pools.manifest().getName(),
        first.version(),
        Machine.describe(),
        started,
        (System.nanoTime() - from) / 1e9,
        scenario,
        window.lo(),
        window.hi(),
        modes);
  }

  private void warmUp(Mode mode) throws InterruptedException {
    boolean isFirst = mode == scenario.modes().getFirst();
    double seconds = scenario.warmupSeconds() * (isFirst ? 1 : OTHER_MODES_WARMUP);
    if (seconds > 0) {
      say(mode, "warming up for %.1f s".formatted(seconds));
      var traffic = new Traffic(pools, scenario, keyPrefix);
      WarmUp.run(client, traffic, mode, seconds, ALONE_DEADLINE);
    }
  }

  /**
   * One mode's part. The modes take turns, slice by slice and step by step: what drifts meanwhile,
   * compilation and a busy machine above all, meets them alike.
   */
  private final class ModeRun {
    private final Mode mode;
    // The same requests and arrivals for each mode.
    private final Traffic traffic = new Traffic(pools, scenario, keyPrefix);
    private final SplittableRandom arrivals = new SplittableRandom(scenario.seed());
    private final ClosedLoop closed;
    private Optional<RateSearch> search = Optional.empty();

    ModeRun(Mode mode) {
      this.mode = mode;
      this.closed = new ClosedLoop(client, traffic, mode, scenario.sloP99Millis(), ALONE_DEADLINE);
    }

    void alone() {
      closed.run(scenario.closedLoopSeconds() / CLOSED_LOOP_SLICES);
    }

    /** Decides on the first rate; none when one client alone misses the objective at p50. */
    void startSearch() {
      var alone = closed.measured();
      say(mode, "one client alone: " + line(alone));
      double median = alone.millis(50);
      if (median <= scenario.sloP99Millis()) {
        double start = scenario.rates().start();
        search =
            Optional.of(
                new RateSearch(scenario.rates(), start > 0 ? start : FIRST_RATE * 1e3 / median));
      }
    }

    boolean isSearching() {
      return search.isPresent() && !search.get().isDone();
    }

    void step() throws InterruptedException {
      if (!isSearching()) {
        return;
      }
      double rate = search.orElseThrow().next();
      var step =
          OpenLoop.run(
              client,
              traffic,
              mode,
              rate,
              scenario.stepSeconds(),
              scenario.sloP99Millis(),
              deadline,
              arrivals.split());
      search.orElseThrow().record(step);
      say(mode, "%6.0f/s: %s%s".formatted(rate, line(step), step.met() ? "" : ", missed"));
    }

    ModeResult result() {
      return new ModeResult(
          mode, closed.measured(), search.map(RateSearch::steps).orElse(List.of()));
    }
  }

  private void say(Mode mode, String text) {
    progress.accept("%-6s %s".formatted(mode.name().toLowerCase(Locale.ROOT), text));
  }

  private static String line(Measured run) {
    return "p50 %.2f ms, p99 %.2f ms, %d sent%s"
        .formatted(
            run.millis(50),
            run.millis(99),
            run.sent(),
            run.errors().isEmpty() ? "" : ", errors " + run.errors());
  }
}
