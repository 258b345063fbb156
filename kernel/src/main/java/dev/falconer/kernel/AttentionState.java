package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.falconer.kernel.Attention.Tokens;
import java.lang.foreign.MemorySegment;

/**
 * Where laid out keys and values lie, for one shape and number of tokens at a time.
 *
 * <pre>
 * best    int32                                       the token with the largest mask, in a line
 *                                                     with where values lie: three int64
 * mask    float32 [tokens]                            in units of ln 2, -infinity to whole tiles
 * keys    float32 [heads, tiles, width, of a tile]    times scale, likewise; zeros to whole tiles
 *                                                     and to an even width
 * values  float32 [heads, tokens, width]              zeros to whole vectors; where each is whole
 *                                                     they stay where they are
 * </pre>
 */
final class AttentionState {
  private static final int LINE = 64;

  // In the line.
  private static final int VALUES = 8;
  private static final int HEAD_BYTES = 16;
  private static final int VALUE_BYTES = 24;

  /** Of masks that are not -infinity. */
  private static final float LOWEST = -0x1p100f;

  /** Tokens and floats that are transposed at once. */
  private static final int EIGHT = 8;

  private final AttentionKernels kernels;
  private final int lanes;
  private AttentionShape shape = new AttentionShape(1, 1, 1, false);
  private int tokens;
  private long address;
  private long mask;
  private long keys;
  private long values;

  AttentionState(AttentionKernels kernels) {
    this.kernels = kernels;
    this.lanes = kernels.lanes();
  }

  /** Becomes the view of a state. */
  void view(AttentionShape shape, int tokens, long address) {
    this.shape = shape;
    this.tokens = tokens;
    this.address = address;
    mask = address + LINE;
    keys = mask + Scratch.aligned((long) Float.BYTES * padded(tokens));
    values = keys + keyBytes() * shape.heads() * padded(tokens);
  }

  private int padded(int count) {
    return Math.ceilDiv(count, kernels.tile()) * kernels.tile();
  }

  private long keyBytes() {
    return (long) Float.BYTES * keyWidth();
  }

  /** Returns the floats of a key laid out. */
  int keyWidth() {
    return (shape.width() + 1) / 2 * 2;
  }

  /** Returns the bytes of the state. */
  long bytes() {
    return values - address + (isWhole() ? 0 : paddedBytes() * tokens * shape.heads());
  }

  AttentionShape shape() {
    return shape;
  }

  int tokens() {
    return tokens;
  }

  /** Returns whether a value fills whole vectors. */
  boolean isWhole() {
    return shape.width() % lanes == 0;
  }

  /** Returns the vectors of a value. */
  int vectors() {
    return Math.ceilDiv(shape.width(), lanes);
  }

  /** Returns the token with the largest mask. */
  int best() {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  /** Returns the address of a token's mask. */
  long mask(int token) {
    return mask + (long) Float.BYTES * token;
  }

  /** Returns the address of a head's keys from a tile's first token on. */
  long keys(int head, int token) {
    return keys + keyBytes() * ((long) head * padded(tokens) + token);
  }

  /** Returns the address of a head's values. */
  long values(int head) {
    return at(VALUES) + at(HEAD_BYTES) * head;
  }

  /** Returns the bytes from a token's value to the next. */
  long valueBytes() {
    return at(VALUE_BYTES);
  }

  private long at(int offset) {
    return ALL.get(JAVA_LONG_UNALIGNED, address + offset);
  }

  private long paddedBytes() {
    return (long) Float.BYTES * lanes * vectors();
  }

  /** Returns what scores are multiplied by. */
  float scale() {
    return shape.scale() * Attention.LOG2_E;
  }

  /** Lays keys and values out. */
  void prepare(Tokens keys, Tokens values, long mask) {
    ALL.set(JAVA_INT_UNALIGNED, address, prepareMask(mask));
    for (int head = 0; head < shape.heads(); head++) {
      long from = keys.address() + (long) Float.BYTES * head * keys.headStride();
      for (int t = 0; t < padded(tokens); t += EIGHT) {
        prepareKeys(head, t, from, Float.BYTES * keys.tokenStride());
      }
    }
    prepareValues(values);
  }

  /** Lays the mask out and returns the token with the largest. */
  private int prepareMask(long from) {
    int best = 0;
    if (from == 0 && tokens > 0) {
      kernels.zero(mask, Scratch.aligned((long) Float.BYTES * padded(tokens)));
    }
    for (int t = 0; t < tokens && from != 0; t++) {
      float own = at(from, t);
      float value = own * Attention.LOG2_E;
      value = value < LOWEST && own != Float.NEGATIVE_INFINITY ? LOWEST : value;
      put(mask, t, value);
      best = value > at(mask, best) ? t : best;
    }
    for (int t = tokens; t < padded(tokens); t++) {
      put(mask, t, Float.NEGATIVE_INFINITY);
    }
    return best;
  }

  /** Lays out the keys of 8 tokens. */
  private void prepareKeys(int head, int token, long all, long bytes) {
    int tile = kernels.tile();
    int first = token / tile * tile;
    long to = keys(head, first) + (long) Float.BYTES * (token - first);
    long toBytes = (long) Float.BYTES * tile;
    long from = all + token * bytes;
    int eights = tokens - token < EIGHT ? 0 : shape.width() / EIGHT;
    float scale = scale();
    if (eights > 0) {
      long orders = kernels.orders();
      kernels.transposed().run(from, bytes, eights, scale, orders, to, toBytes);
    }
    for (int i = EIGHT * eights; i < keyWidth(); i++) {
      for (int t = 0; t < EIGHT; t++) {
        float key = i < shape.width() && token + t < tokens ? at(from + t * bytes, i) : 0;
        put(to + i * toBytes, t, key * scale);
      }
    }
  }

  private void prepareValues(Tokens values) {
    long headBytes = Float.BYTES * values.headStride();
    long bytes = Float.BYTES * values.tokenStride();
    ALL.set(JAVA_LONG_UNALIGNED, address + VALUES, isWhole() ? values.address() : this.values);
    ALL.set(
        JAVA_LONG_UNALIGNED, address + HEAD_BYTES, isWhole() ? headBytes : paddedBytes() * tokens);
    ALL.set(JAVA_LONG_UNALIGNED, address + VALUE_BYTES, isWhole() ? bytes : paddedBytes());
    for (int head = 0; head < shape.heads() && !isWhole(); head++) {
      for (int t = 0; t < tokens; t++) {
        long from = values.address() + head * headBytes + t * bytes;
        long to = values(head) + t * paddedBytes();
        MemorySegment.copy(
            ALL, JAVA_BYTE, from, ALL, JAVA_BYTE, to, (long) Float.BYTES * shape.width());
        for (int i = shape.width(); i < lanes * vectors(); i++) {
          put(to, i, 0);
        }
      }
    }
  }

  private static float at(long address, long index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + Float.BYTES * index);
  }

  private static void put(long address, long index, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + Float.BYTES * index, value);
  }
}
