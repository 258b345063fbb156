package dev.falconer.compressor.data;

import dev.falconer.compressor.data.LogGenerator.Surface;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** A made-up log in time order, {@link LogGenerator#SLATE} candidates per request. */
public final class GeneratedLog {
  static final int LONG_DWELL_SECONDS = 30;
  static final long FIRST_ITEM = 1001;
  private static final int SLATE = LogGenerator.SLATE;

  final Surface surface;
  final World world;
  final int[] user;
  final long[] timeSeconds;
  final byte[] placement;
  final int[] item;
  final float[] freshness;
  final float[] bid;
  final float[] probability;
  final boolean[] isClicked;
  final boolean[] isLiked;
  final int[] dwellSeconds;

  GeneratedLog(Surface surface, World world, int requests) {
    this.surface = surface;
    this.world = world;
    user = new int[requests];
    timeSeconds = new long[requests];
    placement = new byte[requests];
    item = new int[requests * SLATE];
    freshness = new float[item.length];
    bid = new float[item.length];
    probability = new float[item.length];
    isClicked = new boolean[item.length];
    isLiked = new boolean[item.length];
    dwellSeconds = new int[item.length];
  }

  GeneratedLog inOrder(int[] order) {
    var sorted = new GeneratedLog(surface, world, order.length);
    for (int r = 0; r < order.length; r++) {
      sorted.user[r] = user[order[r]];
      sorted.timeSeconds[r] = timeSeconds[order[r]];
      sorted.placement[r] = placement[order[r]];
      int from = order[r] * SLATE;
      System.arraycopy(item, from, sorted.item, r * SLATE, SLATE);
      System.arraycopy(freshness, from, sorted.freshness, r * SLATE, SLATE);
      System.arraycopy(bid, from, sorted.bid, r * SLATE, SLATE);
      System.arraycopy(probability, from, sorted.probability, r * SLATE, SLATE);
      System.arraycopy(isClicked, from, sorted.isClicked, r * SLATE, SLATE);
      System.arraycopy(isLiked, from, sorted.isLiked, r * SLATE, SLATE);
      System.arraycopy(dwellSeconds, from, sorted.dwellSeconds, r * SLATE, SLATE);
    }
    return sorted;
  }

  /** Returns the number of requests. */
  public int requests() {
    return user.length;
  }

  /** Returns the probability of a click that the label was drawn from; it is in no file. */
  public float clickProbability(int request, int candidate) {
    return probability[request * SLATE + candidate];
  }

  /** Returns whether a candidate was clicked. */
  public boolean isClicked(int request, int candidate) {
    return isClicked[request * SLATE + candidate];
  }

  /** Returns the fraction of candidates that were clicked. */
  public double clickRate() {
    int clicks = 0;
    for (boolean click : isClicked) {
      clicks += click ? 1 : 0;
    }
    return clicks / (double) isClicked.length;
  }

  /** Names of the placements, in the order of their codes. */
  List<String> placements() {
    return surface == Surface.FEED ? List.of("explore", "home") : List.of("feed", "story");
  }

  /** Names of the actions, in the order of their codes. */
  List<String> actions() {
    return surface == Surface.FEED
        ? List.of("click", "click+like", "click+dwell", "click+like+dwell")
        : List.of("click");
  }

  List<String> tasks() {
    return surface == Surface.FEED ? List.of("click", "like", "dwell") : List.of("click");
  }

  int hour(int request) {
    return (int) Math.floorMod(timeSeconds[request] / 3600, 24L);
  }

  boolean isLongDwell(int at) {
    return dwellSeconds[at] >= LONG_DWELL_SECONDS;
  }

  /**
   * Writes {@code log.csv}, {@code items.csv} and {@code log.yaml}, the mapping, into a folder;
   * files of these names are replaced.
   */
  public void write(Path folder, Progress progress) throws IOException {
    new GeneratedLogWriter(this).write(folder, progress);
  }

  /** Returns the same examples as reading the written log gives. */
  public Examples examples() {
    int[] shown = IntStream.of(item).distinct().sorted().toArray();
    var indexOf = new int[world.topic.length];
    for (int i = 0; i < shown.length; i++) {
      indexOf[shown[i]] = i;
    }
    int[] topics = IntStream.of(shown).map(i -> world.topic[i]).distinct().sorted().toArray();
    var categories = new short[shown.length];
    for (int i = 0; i < shown.length; i++) {
      categories[i] = (short) (Arrays.binarySearch(topics, world.topic[shown[i]]) + 1);
    }
    long[] ids = IntStream.of(shown).mapToLong(i -> FIRST_ITEM + i).toArray();
    boolean isFeed = surface == Surface.FEED;
    var schema =
        new ExampleSchema(
            tasks(),
            false,
            actions(),
            placements(),
            IntStream.of(topics).mapToObj(World.TOPIC_NAMES::get).toList(),
            List.of("freshness"),
            List.of("hour"),
            !isFeed);
    int[] users = IntStream.of(user).distinct().sorted().toArray();
    var userIndex = new int[users.length == 0 ? 0 : users[users.length - 1] + 1];
    for (int u = 0; u < users.length; u++) {
      userIndex[users[u]] = u;
    }
    var builder =
        new ExamplesBuilder(
            schema,
            IntStream.of(users).mapToObj(u -> Integer.toString(u + 1)).toList(),
            Catalogue.ofLongs(ids, categories, new int[ids.length]));
    for (int r = 0; r < requests(); r++) {
      builder.request(
          userIndex[user[r]],
          timeSeconds[r] * 1_000_000,
          placement[r] + 1,
          new float[] {(float) (hour(r) / 23.)});
      for (int at = r * SLATE; at < (r + 1) * SLATE; at++) {
        float click = isClicked[at] ? 1 : 0;
        builder.candidate(
            indexOf[item[at]],
            new float[] {freshness[at]},
            isFeed
                ? new float[] {click, isLiked[at] ? 1 : 0, isLongDwell(at) ? 1 : 0}
                : new float[] {click},
            bid[at]);
      }
    }
    IntStream.range(0, item.length)
        .filter(at -> isClicked[at])
        .boxed()
        .sorted(Comparator.comparingInt(at -> user[at / SLATE]))
        .forEach(at ->
            builder.event(
                userIndex[user[at / SLATE]],
                indexOf[item[at]],
                timeSeconds[at / SLATE] * 1_000_000,
                action(at),
                placement[at / SLATE] + 1));
    return builder.build("generated", "", "logged impressions");
  }

  private int action(int at) {
    return surface == Surface.ADS ? 1 : 1 + (isLiked[at] ? 1 : 0) + (isLongDwell(at) ? 2 : 0);
  }
}
