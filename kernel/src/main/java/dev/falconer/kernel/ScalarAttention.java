package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.falconer.packed.RoundedTokens;
import java.util.Arrays;

/** What defines the others' results: one head of one row after the other. Slow. */
public record ScalarAttention() implements Attention {
  private static final int QUERY_LEVELS = 127;
  private static final int TOKEN_LEVELS = 63;
  private static final int SHARES = 255;
  private static final float LEAST_EXPONENT = -126;
  private static final float LEAST_PART = 0x1p-20f;
  private static final float LARGE_MASK = -1024;
  private static final float[] SLOPE = {1.4419656f, -.7096624f, .4175944f, -.196268f, .046384692f};
  private static final float LEAST_MASK = -0x1p100f;

  /**
   * Keys and values [heads, tokens, width] each, in int8 levels and behind them the scale; then the
   * mask [tokens].
   */
  @Override
  public long bytes(AttentionShape shape, int tokens) {
    return Float.BYTES * (2L * shape.heads() * pitch(shape) + 1) * tokens;
  }

  /** Returns the floats of a head's token. */
  private static int pitch(AttentionShape shape) {
    return shape.width() + (shape.isInt8() ? 1 : 0);
  }

  @Override
  public void round(int width, long from, long count, long to) {
    int bytes = RoundedTokens.bytes(width);
    for (long t = 0; t < count; t++) {
      Levels token = Levels.of(floats(from + t * width * Float.BYTES, width), TOKEN_LEVELS);
      long at = to + t * bytes;
      for (int i = 0; i < bytes - Float.BYTES; i++) {
        ALL.set(JAVA_BYTE, at + i, i < width ? (byte) token.levels[i] : 0);
      }
      put(at + bytes - Float.BYTES, 0, token.scale);
    }
  }

  @Override
  public void prepare(
      AttentionShape shape, Tokens keys, Tokens values, int tokens, long mask, long state) {
    long at = state;
    for (Tokens each : new Tokens[] {keys, values}) {
      for (int head = 0; head < shape.heads(); head++) {
        for (int t = 0; t < tokens; t++) {
          long from =
              each.address() + Float.BYTES * (head * each.headStride() + t * each.tokenStride());
          float[] token = each.areRounded() ? levels(from, shape) : token(from, shape);
          for (int i = 0; i < token.length; i++, at += Float.BYTES) {
            put(at, 0, token[i]);
          }
        }
      }
    }
    for (int t = 0; t < tokens; t++) {
      put(at, t, mask == 0 ? 0 : at(mask, t));
    }
  }

  private static float[] token(long from, AttentionShape shape) {
    float[] token = floats(from, shape.width());
    return shape.isInt8() ? Levels.of(token, TOKEN_LEVELS).together() : token;
  }

  private static float[] levels(long from, AttentionShape shape) {
    int width = shape.width();
    var levels = new float[width];
    for (int i = 0; i < width; i++) {
      levels[i] = ALL.get(JAVA_BYTE, from + i);
    }
    long scale = from + RoundedTokens.bytes(width) - Float.BYTES;
    return new Levels(levels, at(scale, 0)).together();
  }

  @Override
  public void run(
      AttentionShape shape,
      long state,
      int tokens,
      long query,
      long queryStride,
      int rows,
      long ownKeys,
      long ownValues,
      long ownStride,
      long y,
      long yStride) {
    int width = shape.width();
    float[] mask = floats(state + Float.BYTES * 2L * shape.heads() * pitch(shape) * tokens, tokens);
    for (int head = 0; head < shape.heads(); head++) {
      float[][] keys = tokens(shape, state, head, tokens);
      float[][] values = tokens(shape, state, shape.heads() + head, tokens);
      Levels[] keyLevels = shape.isInt8() ? levels(keys) : new Levels[0];
      Levels[] valueLevels = shape.isInt8() ? levels(values) : new Levels[0];
      long offset = (long) Float.BYTES * head * width;
      for (int r = 0; r < rows; r++) {
        float[] q = floats(query + (long) Float.BYTES * r * queryStride + offset, width);
        boolean hasOwn = ownKeys != 0;
        long own = (long) Float.BYTES * r * ownStride + offset;
        var row =
            new Row(
                q,
                hasOwn ? floats(ownKeys + own, width) : new float[0],
                hasOwn ? floats(ownValues + own, width) : new float[0]);
        float[] result =
            shape.isInt8()
                ? rounded(shape.scale(), row, keyLevels, valueLevels, mask)
                : exact(shape.scale(), row, keys, values, mask);
        for (int i = 0; i < width; i++) {
          put(y + (long) Float.BYTES * r * yStride + offset, i, result[i]);
        }
      }
    }
  }

  /** A row's query and own token of a head; the latter empty if there is none. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Row(float[] query, float[] key, float[] value) {
    boolean hasOwn() {
      return key.length > 0;
    }
  }

  private static float[] exact(
      float scale, Row row, float[][] keys, float[][] values, float[] mask) {
    int tokens = keys.length;
    var scores = new double[tokens + (row.hasOwn() ? 1 : 0)];
    double most = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < scores.length; t++) {
      scores[t] = scale * dot(row.query, t < tokens ? keys[t] : row.key);
      scores[t] += t < tokens ? mask[t] : 0;
      most = Math.max(most, scores[t]);
    }
    var sums = new double[row.query.length];
    double total = 0;
    for (int t = 0; t < scores.length; t++) {
      double share = Math.exp(scores[t] - most);
      total += share;
      for (int i = 0; i < sums.length; i++) {
        sums[i] += share * (t < tokens ? values[t] : row.value)[i];
      }
    }
    var result = new float[sums.length];
    for (int i = 0; i < sums.length && scores.length > 0; i++) {
      result[i] = (float) (sums[i] / total);
    }
    return result;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** Floats as levels of a scale. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Levels(float[] levels, float scale) {
    static Levels of(float[] x, int count) {
      float most = MatMul.LEAST;
      for (float value : x) {
        most = Math.max(most, Math.abs(value)); // NaN stays
      }
      if (!Float.isFinite(most)) {
        return new Levels(new float[x.length], Float.NaN);
      }
      float factor = count / most;
      var levels = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        levels[i] = 0f + (float) Math.rint((double) x[i] * factor); // no -0
      }
      return new Levels(levels, most / count);
    }

    /** Returns the levels, behind them the scale. */
    float[] together() {
      float[] all = Arrays.copyOf(levels, levels.length + 1);
      all[levels.length] = scale;
      return all;
    }

    static Levels apart(float[] together) {
      int width = together.length - 1;
      return new Levels(Arrays.copyOf(together, width), together[width]);
    }
  }

  private static Levels[] levels(float[][] tokens) {
    return Arrays.stream(tokens).map(Levels::apart).toArray(Levels[]::new);
  }

  private static float[] rounded(
      float scale, Row row, Levels[] keys, Levels[] values, float[] mask) {
    Levels query = Levels.of(row.query, QUERY_LEVELS);
    float queryScale = query.scale * (scale * LOG2_E);
    float largest = 0;
    for (Levels value : values) {
      largest = Math.max(largest, value.scale); // NaN stays
    }
    float inverse = 1 / largest;
    int width = row.query.length;
    var sums = new float[width];
    double total = 0;
    float most = LEAST_MASK;
    for (int first = 0; first < keys.length; first += BLOCK) {
      int count = Math.min(BLOCK, keys.length - first);
      var scores = new float[count];
      var gained = new float[count];
      var units = new float[count];
      float before = most;
      for (int t = 0; t < count; t++) {
        Levels key = keys[first + t];
        float dot = (float) dot(query.levels, key.levels);
        float added = inLn2(mask[first + t]);
        float part = Math.max(LEAST_PART, values[first + t].scale * inverse);
        gained[t] = added < LARGE_MASK ? 1 : part;
        units[t] = added < LARGE_MASK ? part * SHARES : SHARES;
        scores[t] = Math.fma(dot, queryScale * key.scale, added + log(gained[t]));
        most = Math.max(most, scores[t]);
      }
      var block = new double[width];
      double share = 0;
      for (int t = 0; t < count; t++) {
        float e = exponential(scores[t] - most);
        Levels value = values[first + t];
        share += e / gained[t];
        double rounded = Math.rint((double) e * units[t]);
        for (int i = 0; i < width; i++) {
          block[i] += rounded * value.levels[i];
        }
      }
      float grown = (float) Math.pow(2, before - most);
      for (int i = 0; i < width; i++) {
        sums[i] = sums[i] * grown + (float) block[i] * (largest / SHARES);
      }
      total = total * grown + share;
    }
    if (row.hasOwn()) {
      float score = (float) dot(row.query, row.key) * (scale * LOG2_E);
      float before = most;
      most = Math.max(most, score);
      float e = (float) Math.pow(2, score - most);
      float grown = (float) Math.pow(2, before - most);
      for (int i = 0; i < width; i++) {
        sums[i] = sums[i] * grown + e * row.value[i];
      }
      total = total * grown + e;
    }
    boolean isEmpty = keys.length == 0 && !row.hasOwn();
    for (int i = 0; i < width && !isEmpty; i++) {
      sums[i] = total < 0.5 ? Float.NaN : (float) (sums[i] / total);
    }
    return sums;
  }

  private static float inLn2(float mask) {
    float product = mask * LOG2_E;
    return mask == Float.NEGATIVE_INFINITY ? mask : Math.max(product, LEAST_MASK); // NaN stays
  }

  /** Returns lg(x) of {@link Attention}. */
  static float log(float x) {
    float f = Float.intBitsToFloat((Float.floatToRawIntBits(x) & 0x7fffff) | 0x3f800000) - 1;
    float slope = SLOPE[SLOPE.length - 1];
    for (int i = SLOPE.length - 2; i >= 0; i--) {
      slope = Math.fma(f, slope, SLOPE[i]);
    }
    return Math.fma(f, slope, Math.getExponent(x)) + 0 * x; // NaN stays
  }

  /** Returns E(x) of {@link Attention}. */
  static float exponential(float x) {
    float t = Math.max(x, LEAST_EXPONENT);
    float n = (float) Math.rint(t);
    float f = t - n;
    float p = Math.fma(f, Math.fma(f, C2, C1), 1);
    return p * Float.intBitsToFloat(((int) n + 127) << 23); // NaN stays by p
  }

  private static float[][] tokens(AttentionShape shape, long state, int which, int tokens) {
    var all = new float[tokens][];
    for (int t = 0; t < tokens; t++) {
      long at = ((long) which * tokens + t) * pitch(shape);
      all[t] = floats(state + Float.BYTES * at, pitch(shape));
    }
    return all;
  }

  private static float[] floats(long address, int count) {
    var floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = at(address, i);
    }
    return floats;
  }

  private static float at(long address, int index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + (long) Float.BYTES * index);
  }

  private static void put(long address, int index, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + (long) Float.BYTES * index, value);
  }
}
