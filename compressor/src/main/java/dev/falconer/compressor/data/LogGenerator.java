package dev.falconer.compressor.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Makes up a log whose clicks can be understood only from the history. Topics have unit vectors,
 * items lie around their topic with a quality, popularity is Zipf's. A user has three tastes, which
 * drift, and one intent, drawn from the tastes at each new session; clicks follow the intent most,
 * and nothing in a request but the user's earlier clicks tells it. The same values give the same
 * log on every machine.
 *
 * @param surface feed (tasks click, like, dwell) or ads (task click, a bid per candidate)
 * @param users number of users
 * @param items number of items, or of campaigns
 * @param requests number of requests of {@link #SLATE} candidates
 * @param seed of everything
 */
public record LogGenerator(Surface surface, int users, int items, int requests, long seed) {
  /** Candidates per request. */
  public static final int SLATE = 8;

  /** Where the log comes from. */
  public enum Surface {
    /** Items of a feed: tasks click, like and dwell. */
    FEED,
    /** Campaigns with bids: task click. */
    ADS
  }

  private static final double INTENT_WEIGHT = 2.2;
  private static final double TASTE_WEIGHT = 1.2;
  private static final double QUALITY_WEIGHT = .8;
  private static final double FRESHNESS_WEIGHT = .3;
  private static final double POSITION_WEIGHT = -.08;
  private static final double BIAS = -2.2;
  private static final double SESSION_CHANCE = .25;
  private static final double DRIFT_CHANCE = .25;
  private static final double SECONDS_BETWEEN_SESSIONS = 43_200;
  private static final double SECONDS_BETWEEN_REQUESTS = 60;
  private static final int TASTES = 3;

  /** Monday, 2 March 2026, 00:00 UTC. */
  private static final long START_SECONDS = 1_772_409_600;

  private static final int DAY = 86_400;
  private static final int START_DAYS = 14;

  /** Checks the ranges. */
  public LogGenerator {
    if (users < 1 || items < 2 * SLATE || requests < users) {
      throw new IllegalArgumentException(
          "want users >= 1, items >= %d and requests >= users, got %d, %d and %d"
              .formatted(2 * SLATE, users, items, requests));
    }
    Math.multiplyExact(requests, SLATE);
  }

  /** Returns the quick size: 3,000 users, 2,000 items, 42,000 requests. */
  public static LogGenerator quick(Surface surface, long seed) {
    return new LogGenerator(surface, 3_000, 2_000, 42_000, seed);
  }

  /** Returns the log. */
  public GeneratedLog generate() {
    var world = new World(items, new SplittableRandom(Seeds.mix(seed, -1)));
    var log = new GeneratedLog(surface, world, requests);
    int from = 0;
    int[] ends = requestsPerUser();
    for (int user = 0; user < users; user++) {
      visit(user, world, log, from, ends[user]);
      from = ends[user];
    }
    long[] time = log.timeSeconds;
    int[] order =
        IntStream.range(0, requests)
            .boxed()
            .sorted(Comparator.comparingLong(r -> time[r]))
            .mapToInt(Integer::intValue)
            .toArray();
    return log.inOrder(order);
  }

  /** Ends of the users' requests; activity is heavy-tailed: 8 + Zipf(1.6) parts, at most 72. */
  private int[] requestsPerUser() {
    var random = new SplittableRandom(Seeds.mix(seed, -2));
    var sums = new double[users];
    double sum = 0;
    for (int user = 0; user < users; user++) {
      sum += 8 + Math.min(64, StrictMath.floor(StrictMath.pow(1 - random.nextDouble(), -1 / .6)));
      sums[user] = sum;
    }
    double total = sum;
    return Arrays.stream(sums).mapToInt(s -> (int) Math.round(s / total * requests)).toArray();
  }

  private void visit(int user, World world, GeneratedLog log, int from, int until) {
    var random = new SplittableRandom(Seeds.mix(seed, user));
    var tastes = new int[TASTES];
    for (int k = 0; k < TASTES; k++) {
      tastes[k] = random.nextInt(World.TOPICS);
    }
    int intent = tastes[random.nextInt(TASTES)];
    int placement = placement(random);
    double time = START_SECONDS + random.nextDouble() * START_DAYS * DAY;
    for (int r = from; r < until; r++) {
      boolean isNewSession = random.nextDouble() < SESSION_CHANCE;
      double gap = isNewSession ? SECONDS_BETWEEN_SESSIONS : SECONDS_BETWEEN_REQUESTS;
      time += 1 - gap * StrictMath.log(1 - random.nextDouble());
      if (isNewSession) {
        if (random.nextDouble() < DRIFT_CHANCE) {
          tastes[random.nextInt(TASTES)] = random.nextInt(World.TOPICS);
        }
        intent = tastes[random.nextInt(TASTES)];
        placement = placement(random);
      }
      log.user[r] = user;
      log.timeSeconds[r] = (long) time;
      log.placement[r] = (byte) placement;
      for (int j = 0; j < SLATE; j++) {
        show(r * SLATE + j, j, tastes, intent, world, log, random);
      }
    }
  }

  private static int placement(SplittableRandom random) {
    return random.nextDouble() < .7 ? 1 : 0;
  }

  private void show(
      int at,
      int position,
      int[] tastes,
      int intent,
      World world,
      GeneratedLog log,
      SplittableRandom random) {
    double source = random.nextDouble();
    int topic = source < .2 ? intent : tastes[random.nextInt(TASTES)];
    int first = at - position;
    int item;
    do {
      item = source < .45 ? world.ofTopic(topic, random) : world.popular(random);
      // A topic may run out of items that aren't on the slate yet.
      source = random.nextDouble();
    } while (isShown(log, first, at, item));
    log.item[at] = item;

    double daysOld = (log.timeSeconds[at / SLATE] - START_SECONDS) / (double) DAY;
    daysOld += world.daysBeforeStart[item];
    double freshness = Math.round(1e4 * StrictMath.exp(-daysOld / 14)) / 1e4;
    log.freshness[at] = (float) freshness;
    log.bid[at] =
        (float)
            (Math.round(
                    1e4 * world.baseBid[item] * StrictMath.exp(.15 * (random.nextDouble() - .5)))
                / 1e4);

    double intentMatch = world.match(item, intent);
    double tasteMatch =
        Math.max(
            world.match(item, tastes[0]),
            Math.max(world.match(item, tastes[1]), world.match(item, tastes[2])));
    double probability =
        sigmoid(
            BIAS
                + INTENT_WEIGHT * intentMatch
                + TASTE_WEIGHT * tasteMatch
                + QUALITY_WEIGHT * world.quality[item]
                + FRESHNESS_WEIGHT * (freshness - .3)
                + POSITION_WEIGHT * position);
    log.probability[at] = (float) probability;
    log.isClicked[at] = random.nextDouble() < probability;
    double likes = sigmoid(1.5 * tasteMatch + .5 * world.quality[item] - 1.2);
    log.isLiked[at] = random.nextDouble() < likes && log.isClicked[at];
    boolean isLong = random.nextDouble() < sigmoid(1.8 * intentMatch - .8);
    double patience = random.nextDouble();
    if (log.isClicked[at]) {
      double seconds = isLong ? 30 - 60 * StrictMath.log(1 - patience) : 1 + 29 * patience;
      log.dwellSeconds[at] = (int) seconds;
    }
  }

  private static boolean isShown(GeneratedLog log, int first, int until, int item) {
    for (int i = first; i < until; i++) {
      if (log.item[i] == item) {
        return true;
      }
    }
    return false;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
