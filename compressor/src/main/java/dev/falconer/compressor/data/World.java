package dev.falconer.compressor.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The topics and items that a generated log is about. */
final class World {
  /** Names of the topics, in alphabetical order. */
  static final List<String> TOPIC_NAMES =
      List.of(
          "animals",
          "art",
          "books",
          "business",
          "cars",
          "comedy",
          "cooking",
          "crafts",
          "dance",
          "fashion",
          "film",
          "fitness",
          "football",
          "games",
          "gardening",
          "health",
          "history",
          "music",
          "news",
          "outdoors",
          "photography",
          "science",
          "technology",
          "travel");

  static final int TOPICS = 24;
  private static final int DIMENSION = 8;
  private static final double ITEM_NOISE = .45;

  final int[] topic;
  final double[] quality;
  final double[] daysBeforeStart;
  final double[] baseBid;
  private final double[][] centres = new double[TOPICS][];
  private final double[][] places;
  private final double[] popularitySums;
  private final List<int[]> itemsOfTopic = new ArrayList<>();
  private final List<double[]> topicSums = new ArrayList<>();

  World(int items, SplittableRandom random) {
    topic = new int[items];
    quality = new double[items];
    daysBeforeStart = new double[items];
    baseBid = new double[items];
    places = new double[items][];
    for (int t = 0; t < TOPICS; t++) {
      centres[t] = unit(new double[DIMENSION], 1, random);
    }
    for (int i = 0; i < items; i++) {
      topic[i] = random.nextInt(TOPICS);
      places[i] = unit(centres[topic[i]], ITEM_NOISE / Math.sqrt(DIMENSION), random);
      quality[i] = gaussian(random);
      daysBeforeStart[i] = 30 * random.nextDouble();
      baseBid[i] = StrictMath.exp(.5 * gaussian(random));
    }
    int[] rank = IntStream.range(0, items).toArray();
    Seeds.shuffle(rank, random);
    double[] popularity = IntStream.of(rank).mapToDouble(r -> 1. / (r + 1)).toArray();
    popularitySums = sums(popularity);
    for (int t = 0; t < TOPICS; t++) {
      int wanted = t;
      int[] members = IntStream.range(0, items).filter(i -> topic[i] == wanted).toArray();
      itemsOfTopic.add(members);
      topicSums.add(
          sums(IntStream.of(members).mapToDouble(i -> Math.sqrt(popularity[i])).toArray()));
    }
  }

  /** Returns an item drawn by popularity. */
  int popular(SplittableRandom random) {
    return draw(popularitySums, random);
  }

  /** Returns an item of a topic; any item when the topic has none. */
  int ofTopic(int wanted, SplittableRandom random) {
    int[] members = itemsOfTopic.get(wanted);
    return members.length == 0 ? popular(random) : members[draw(topicSums.get(wanted), random)];
  }

  /** Returns the inner product of an item and a topic, -1..1. */
  double match(int item, int other) {
    double sum = 0;
    for (int d = 0; d < DIMENSION; d++) {
      sum += places[item][d] * centres[other][d];
    }
    return sum;
  }

  private static int draw(double[] sums, SplittableRandom random) {
    int at = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
    return Math.min(at < 0 ? -at - 1 : at + 1, sums.length - 1);
  }

  private static double[] sums(double[] weights) {
    double[] sums = weights.clone();
    for (int i = 1; i < sums.length; i++) {
      sums[i] += sums[i - 1];
    }
    return sums;
  }

  private static double[] unit(double[] centre, double noise, SplittableRandom random) {
    double[] point = centre.clone();
    double square = 0;
    for (int d = 0; d < point.length; d++) {
      point[d] += noise * gaussian(random);
      square += point[d] * point[d];
    }
    double length = Math.sqrt(square);
    return Arrays.stream(point).map(x -> x / length).toArray();
  }

  /** Box and Muller's, by StrictMath: the same bits everywhere. */
  private static double gaussian(SplittableRandom random) {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }
}
