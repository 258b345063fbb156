package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.packed.RoundedTokens;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensors that rows attend with, and how they lie.
 *
 * @param isTokensFirst whether keys and values are [tokens, heads, width]; or [heads, tokens,
 *     width]
 * @param query [rows, heads width]
 * @param keys [heads, tokens, width], likewise values
 * @param mask [tokens], empty for none
 * @param ownKeys [rows, heads width], likewise ownValues; empty for none
 * @param stride floats from a row to the next, of queries, own tokens and results
 * @param shift bytes that tensors lie behind an address aligned to 64
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record AttentionCase(
    AttentionShape shape,
    boolean isTokensFirst,
    int tokens,
    int rows,
    float[] query,
    float[] keys,
    float[] values,
    float[] mask,
    float[] ownKeys,
    float[] ownValues,
    long stride,
    int shift) {
  private static final byte GUARD = 77;

  /** Returns Gaussian tensors without mask and own tokens. */
  static AttentionCase of(int heads, int width, boolean isInt8, int tokens, int rows, long seed) {
    var shape = new AttentionShape(heads, width, (float) (1 / Math.sqrt(width)), isInt8);
    return new AttentionCase(
        shape,
        false,
        tokens,
        rows,
        Floats.gaussian(rows * shape.all(), seed),
        Floats.gaussian(shape.all() * tokens, seed + 1),
        Floats.gaussian(shape.all() * tokens, seed + 2),
        new float[0],
        new float[0],
        new float[0],
        shape.all(),
        0);
  }

  AttentionCase tokensFirst() {
    return new AttentionCase(
        shape, true, tokens, rows, query, keys, values, mask, ownKeys, ownValues, stride, shift);
  }

  AttentionCase mask(float[] mask) {
    return new AttentionCase(
        shape,
        isTokensFirst,
        tokens,
        rows,
        query,
        keys,
        values,
        mask,
        ownKeys,
        ownValues,
        stride,
        shift);
  }

  /** Returns a mask of its own for a token in three, -infinity for another. */
  AttentionCase masked() {
    float[] some = Floats.gaussian(tokens, 99);
    for (int t = 0; t < tokens; t++) {
      some[t] = t % 3 == 0 ? some[t] : t % 3 == 1 ? Float.NEGATIVE_INFINITY : 0;
    }
    return mask(some);
  }

  AttentionCase own() {
    return own(
        Floats.gaussian(rows * shape.all(), tokens + 7), Floats.gaussian(rows * shape.all(), 8));
  }

  AttentionCase own(float[] keys, float[] values) {
    return new AttentionCase(
        shape,
        isTokensFirst,
        tokens,
        rows,
        query,
        this.keys,
        this.values,
        mask,
        keys,
        values,
        stride,
        shift);
  }

  AttentionCase query(float[] query) {
    return new AttentionCase(
        shape,
        isTokensFirst,
        tokens,
        query.length / shape.all(),
        query,
        keys,
        values,
        mask,
        ownKeys,
        ownValues,
        stride,
        shift);
  }

  AttentionCase at(long stride, int shift) {
    return new AttentionCase(
        shape,
        isTokensFirst,
        tokens,
        rows,
        query,
        keys,
        values,
        mask,
        ownKeys,
        ownValues,
        stride,
        shift);
  }

  /** Returns a row with its own token alone. */
  AttentionCase row(int row) {
    int from = row * shape.all();
    int to = from + shape.all();
    AttentionCase one = query(Arrays.copyOfRange(query, from, to));
    return hasOwn()
        ? one.own(Arrays.copyOfRange(ownKeys, from, to), Arrays.copyOfRange(ownValues, from, to))
        : one;
  }

  boolean hasOwn() {
    return ownKeys.length > 0;
  }

  /** Returns the largest magnitude among the values. */
  double most() {
    double most = 0;
    for (float[] each : new float[][] {values, ownValues}) {
      for (float value : each) {
        most = Math.max(most, Math.abs(value));
      }
    }
    return most;
  }

  /** Returns what an execution writes, each time the same, without a byte beside. */
  float[] run(Attention execution) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment queries = rows(arena, query).memory();
      long own = hasOwn() ? rows(arena, ownKeys).address() : 0;
      long ownValue = hasOwn() ? rows(arena, ownValues).address() : 0;
      long bytes = execution.bytes(shape, tokens);
      MemorySegment state = arena.allocate(bytes + 64, 64).fill(GUARD);
      long masked = 0;
      if (mask.length > 0) {
        masked = Floats.of(arena, shift, 1, tokens, tokens).put(mask).address();
      }
      execution.prepare(
          shape, tokens(arena, keys), tokens(arena, values), tokens, masked, state.address());
      for (long at = bytes; at < state.byteSize(); at++) {
        assertEquals(GUARD, state.get(JAVA_BYTE, at), "past state");
      }
      List<MemorySegment> states = new ArrayList<>(List.of(state, state));
      if (shape.isInt8()) {
        MemorySegment rounded = arena.allocate(bytes, 64);
        execution.prepare(
            shape,
            rounded(execution, arena, keys),
            rounded(execution, arena, values),
            tokens,
            masked,
            rounded.address());
        states.add(rounded);
      }
      var results = new ArrayList<Floats>();
      for (MemorySegment from : states) {
        Floats to = Floats.of(arena, shift, rows, shape.all(), stride);
        results.add(to);
        execution.run(
            shape,
            from.address(),
            tokens,
            queries.address() + shift,
            stride,
            rows,
            own,
            ownValue,
            stride,
            to.address(),
            stride);
      }
      Floats first = results.getFirst();
      for (Floats again : results) {
        String what = this + ": run again, or with tokens rounded before";
        assertEquals(-1, first.memory().mismatch(again.memory()), what);
      }
      first.assertGuards(toString());
      return first.take();
    }
  }

  private Floats rows(Arena arena, float[] values) {
    return Floats.of(arena, shift, rows, shape.all(), stride).put(values);
  }

  private Attention.Tokens tokens(Arena arena, float[] values) {
    int width = shape.width();
    long head = isTokensFirst ? width + 1L : (width + 3L) * tokens + 2;
    long token = isTokensFirst ? (width + 1L) * shape.heads() : width + 3L;
    MemorySegment memory =
        arena.allocate(4 * (head * shape.heads() + token * tokens + width) + shift, 64);
    for (int h = 0; h < shape.heads(); h++) {
      for (int t = 0; t < tokens; t++) {
        for (int i = 0; i < width; i++) {
          memory.set(
              JAVA_FLOAT_UNALIGNED,
              shift + 4 * (h * head + t * token + i),
              values[(h * tokens + t) * width + i]);
        }
      }
    }
    return new Attention.Tokens(memory.address() + shift, head, token);
  }

  /** Returns tokens rounded all together, each moved to where it lies. */
  private Attention.Tokens rounded(Attention execution, Arena arena, float[] values) {
    int width = shape.width();
    int bytes = RoundedTokens.bytes(width);
    long count = (long) shape.heads() * tokens;
    MemorySegment floats = arena.allocate(4 * count * width + 4, 4).asSlice(0, 4 * count * width);
    floats.copyFrom(MemorySegment.ofArray(values));
    MemorySegment rows = arena.allocate(count * bytes + 64, 4).fill(GUARD);
    execution.round(width, floats.address(), count, rows.address());
    for (long at = count * bytes; at < rows.byteSize(); at++) {
      assertEquals(GUARD, rows.get(JAVA_BYTE, at), "past rounded tokens");
    }
    long row = bytes + 4L;
    long head = isTokensFirst ? row : row * tokens + 8;
    long token = isTokensFirst ? row * shape.heads() : row;
    MemorySegment memory = arena.allocate(head * shape.heads() + token * tokens + shift + 8, 64);
    for (int h = 0; h < shape.heads(); h++) {
      for (int t = 0; t < tokens; t++) {
        long to = shift + h * head + t * token;
        MemorySegment.copy(rows, ((long) h * tokens + t) * bytes, memory, to, bytes);
      }
    }
    return new Attention.Tokens(memory.address() + shift, head / 4, token / 4, true);
  }

  /** Returns results by the definition of float32, in double precision. */
  double[] exact() {
    int width = shape.width();
    var y = new double[rows * shape.all()];
    for (int r = 0; r < rows; r++) {
      for (int h = 0; h < shape.heads(); h++) {
        int at = r * shape.all() + h * width;
        var scores = new double[tokens + (hasOwn() ? 1 : 0)];
        double most = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < scores.length; t++) {
          boolean isOwn = t == tokens;
          for (int i = 0; i < width; i++) {
            double key = isOwn ? ownKeys[at + i] : keys[(h * tokens + t) * width + i];
            scores[t] += shape.scale() * query[at + i] * key;
          }
          scores[t] += isOwn || mask.length == 0 ? 0 : mask[t];
          most = Math.max(most, scores[t]);
        }
        double total = 0;
        for (int t = 0; t < scores.length; t++) {
          double share = Math.exp(scores[t] - most);
          total += share;
          for (int i = 0; i < width; i++) {
            y[at + i] +=
                share * (t == tokens ? ownValues[at + i] : values[(h * tokens + t) * width + i]);
          }
        }
        for (int i = 0; i < width && scores.length > 0; i++) {
          y[at + i] /= total;
        }
      }
    }
    return y;
  }

  @Override
  public String toString() {
    return "%s, %d tokens%s, %d rows%s%s at %d, shift %d"
        .formatted(
            shape,
            tokens,
            isTokensFirst ? " first" : "",
            rows,
            hasOwn() ? " with own" : "",
            mask.length > 0 ? ", masked" : "",
            stride,
            shift);
  }
}
