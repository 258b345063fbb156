package dev.falconer.loadtest.traffic;

import dev.falconer.client.HistoryWindow;
import dev.falconer.client.RankingRequest;
import dev.falconer.loadtest.scenario.Scenario;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * An endless stream of requests: the same for the same seed, so that modes are compared over the
 * same requests.
 *
 * <p>Event j of user u is a hash of (seed, u, j), so histories need no memory beyond a count: a
 * user starts with up to twice the window of events and gains some between requests. Not safe for
 * several threads.
 */
public final class Traffic {
  private final Pools pools;
  private final Scenario scenario;
  private final String keyPrefix;
  private final HistoryWindow window;
  private final Zipf zipf;
  private final SplittableRandom random;
  private final int[] requestsOf;

  /**
   * @param keyPrefix begins every user key, so that a run meets no states of an earlier one
   */
  public Traffic(Pools pools, Scenario scenario, String keyPrefix) {
    this.pools = pools;
    this.scenario = scenario;
    this.keyPrefix = keyPrefix;
    this.window = window(scenario, pools.manifest().getHistoryMax());
    this.zipf = new Zipf(scenario.users(), scenario.zipfExponent());
    this.random = new SplittableRandom(scenario.seed());
    this.requestsOf = new int[scenario.users()];
  }

  /** Returns the history window of a scenario for a model that takes up to historyMax events. */
  public static HistoryWindow window(Scenario scenario, int historyMax) {
    int high = scenario.historyHigh() > 0 ? scenario.historyHigh() : Math.max(historyMax, 1);
    int low = scenario.historyLow() > 0 ? scenario.historyLow() : high / 2;
    if ((historyMax > 0 && high > historyMax) || low >= high) {
      throw new IllegalArgumentException(
          "history window (%d, %d) for a model that takes up to %d events"
              .formatted(low, high, historyMax));
    }
    return new HistoryWindow(low, high);
  }

  /** Returns the next request, in mode CACHE. */
  public RankingRequest next() {
    int user = zipf.draw(random);
    long total = initialEvents(user) + (long) (requestsOf[user]++ * scenario.growthPerRequest());
    var proto = pools.golden().getFirst().getRequest();
    return RankingRequest.builder(pools.manifest().getName())
        .user(keyPrefix + user)
        .history(Pools.gather(pools.events(), history(user, total)))
        .history(Pools.gather(pools.users(), pick(user, -1, Pools.size(pools.users()))))
        .candidates(Pools.gather(pools.candidates(), candidates()))
        .context(Pools.gather(pools.contexts(), draw(Pools.size(pools.contexts()))))
        .weights(Map.copyOf(proto.getObjective().getWeightsMap()))
        .bidColumn(proto.getObjective().getBidColumn())
        .build();
  }

  private long initialEvents(int user) {
    return Math.floorMod(mix(user, -2), 2L * window.hi() + 1);
  }

  private int[] history(int user, long total) {
    int size = Pools.size(pools.events());
    if (size == 0) {
      return new int[0];
    }
    long start = window.start(total);
    var picks = new int[window.length(total)];
    for (int i = 0; i < picks.length; i++) {
      picks[i] = pick(user, start + i, size);
    }
    return picks;
  }

  private int[] candidates() {
    var picks = new int[scenario.candidates()];
    for (int i = 0; i < picks.length; i++) {
      picks[i] = draw(Pools.size(pools.candidates()));
    }
    return picks;
  }

  private int draw(int size) {
    return size == 0 ? 0 : random.nextInt(size);
  }

  private int pick(int user, long index, int size) {
    return size == 0 ? 0 : (int) Math.floorMod(mix(user, index), (long) size);
  }

  /** SplitMix64's finaliser over (seed, user, index): Steele, Lea and Flood 2014. */
  private long mix(int user, long index) {
    long z = scenario.seed() * 0x9E3779B97F4A7C15L + user * 0xD1B54A32D192ED03L + index;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
