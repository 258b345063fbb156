package dev.falconer.compressor.text;

/** Perplexities of models that count: what a model that learns must beat to be worth its name. */
final class CountedModels {
  /** Subtracted from every count of a pair, and given to pairs never seen. */
  private static final double DISCOUNT = .75;

  private final double[] single;
  private final int[] pairs;
  private final int[] firsts;
  private final int[] followers;
  private final int size;

  /** Counts the pieces, below {@code size}, and their pairs. */
  CountedModels(int[] pieces, int size) {
    this.size = size;
    single = new double[size];
    pairs = new int[size * size];
    firsts = new int[size];
    followers = new int[size];
    for (int i = 0; i < pieces.length; i++) {
      single[pieces[i]]++;
      if (i > 0 && pairs[pieces[i - 1] * size + pieces[i]]++ == 0) {
        followers[pieces[i - 1]]++;
      }
      if (i > 0) {
        firsts[pieces[i - 1]]++;
      }
    }
    for (int i = 0; i < size; i++) {
      single[i] = (single[i] + 1) / (pieces.length + size);
    }
  }

  /** Returns the perplexity of pieces drawn one by one. */
  double unigram(int[] pieces) {
    double sum = 0;
    for (int i = 1; i < pieces.length; i++) {
      sum -= Math.log(single[pieces[i]]);
    }
    return Math.exp(sum / (pieces.length - 1));
  }

  /** Returns the perplexity of pieces given the one before, with absolute discounting. */
  double bigram(int[] pieces) {
    double sum = 0;
    for (int i = 1; i < pieces.length; i++) {
      int first = pieces[i - 1];
      double rest = firsts[first] == 0 ? 1 : DISCOUNT * followers[first] / firsts[first];
      double seen = Math.max(0, pairs[first * size + pieces[i]] - DISCOUNT);
      sum -= Math.log(seen / Math.max(1, firsts[first]) + rest * single[pieces[i]]);
    }
    return Math.exp(sum / (pieces.length - 1));
  }
}
