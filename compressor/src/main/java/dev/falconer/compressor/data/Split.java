package dev.falconer.compressor.data;

import java.util.stream.IntStream;

/**
 * A log cut by time: training strictly before validation strictly before test. Histories reach back
 * over the cuts; popularity and vocabulary come from the training part alone.
 */
public final class Split {
  private final View train;
  private final View validation;
  private final View test;
  private final int[] popularity;
  private final Catalogue trainCatalogue;

  Split(Examples examples, double trainFraction, double validationFraction) {
    if (!(trainFraction > 0
        && validationFraction >= 0
        && trainFraction + validationFraction <= 1 + 1e-9)) {
      throw new IllegalArgumentException(
          "split fractions train %s, validation %s: want train > 0 and a sum of at most 1"
              .formatted(trainFraction, validationFraction));
    }
    int count = examples.requests();
    int first = cut(examples, trainFraction);
    int second = Math.max(first, cut(examples, trainFraction + validationFraction));
    this.train = examples.view(0, first);
    this.validation = examples.view(first, second);
    this.test = examples.view(second, count);

    long end = first < count ? examples.timeMicros(first) : Long.MAX_VALUE;
    this.popularity = examples.popularity(end);
    var isSeen = new boolean[popularity.length];
    for (int item = 0; item < isSeen.length; item++) {
      isSeen[item] = popularity[item] > 0;
    }
    for (int r = 0; r < first; r++) {
      for (int c = 0; c < examples.candidates(r); c++) {
        isSeen[examples.candidateItem(r, c)] = true;
      }
    }
    int[] seen = IntStream.range(0, isSeen.length).filter(item -> isSeen[item]).toArray();
    int[] counts = IntStream.of(seen).map(item -> popularity[item]).toArray();
    this.trainCatalogue = examples.catalogue().restrictedTo(seen, counts);
  }

  private static int cut(Examples examples, double fraction) {
    int count = examples.requests();
    int cut = (int) Math.min(count, Math.round(count * fraction));
    while (cut > 0 && cut < count && examples.timeMicros(cut) == examples.timeMicros(cut - 1)) {
      cut++;
    }
    return cut;
  }

  /** Returns the training requests. */
  public View train() {
    return train;
  }

  /** Returns the validation requests. */
  public View validation() {
    return validation;
  }

  /** Returns the test requests. */
  public View test() {
    return test;
  }

  /**
   * Returns the items that training sees, as candidates or in events; popularity counts the events
   * before the validation part begins.
   */
  public Catalogue trainCatalogue() {
    return trainCatalogue;
  }

  /** Returns the training popularity of an item of the whole log's catalogue. */
  public int trainPopularity(int item) {
    return popularity[item];
  }
}
