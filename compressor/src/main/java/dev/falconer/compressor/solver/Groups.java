package dev.falconer.compressor.solver;

/**
 * N:M along the inputs. An element's rank is the number of larger ones in its group, found by
 * comparing all pairs: for strips of outputs at once, without a branch.
 */
final class Groups implements Projection {
  /** Outputs of a strip: M x 2 x 4 KB stay in the cache. */
  private static final int STRIP = 1024;

  private final Pattern.NofM pattern;
  private final int out;
  private final int in;
  private final float[][] magnitudes;
  private final float[][] ranks;

  Groups(Pattern.NofM pattern, int out, int in) {
    this.pattern = pattern;
    this.out = out;
    this.in = in;
    int longest = Math.min(in, pattern.group());
    this.magnitudes = new float[longest][Math.min(out, STRIP)];
    this.ranks = new float[longest][Math.min(out, STRIP)];
  }

  @Override
  public void project(float[] values, float[] kept) {
    for (int from = 0; from < in; from += pattern.group()) {
      int length = Math.min(in - from, pattern.group());
      for (int left = 0; left < out; left += STRIP) {
        strip(values, kept, from, length, left, Math.min(out - left, STRIP));
      }
    }
  }

  private void strip(float[] values, float[] kept, int from, int length, int left, int width) {
    for (int i = 0; i < length; i++) {
      load(values, (from + i) * out + left, magnitudes[i], ranks[i], width);
    }
    for (int i = 0; i < length; i++) {
      for (int j = i + 1; j < length; j++) {
        compare(magnitudes[i], magnitudes[j], ranks[i], ranks[j], width);
      }
    }
    float most = pattern.keptOf(length);
    for (int i = 0; i < length; i++) {
      store(ranks[i], most, kept, (from + i) * out + left, width);
    }
  }

  private static void load(float[] values, int at, float[] magnitude, float[] rank, int width) {
    for (int o = 0; o < width; o++) {
      magnitude[o] = Math.abs(values[at + o]);
      rank[o] = 0;
    }
  }

  private static void compare(
      float[] first, float[] second, float[] firstRank, float[] secondRank, int width) {
    for (int o = 0; o < width; o++) {
      float isLarger = Floats.isPositive(second[o] - first[o]);
      firstRank[o] += isLarger;
      secondRank[o] += 1f - isLarger;
    }
  }

  private static void store(float[] rank, float most, float[] kept, int at, int width) {
    for (int o = 0; o < width; o++) {
      kept[at + o] = Floats.isPositive(most - rank[o]);
    }
  }
}
