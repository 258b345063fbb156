package dev.falconer.kernel;

import static dev.falconer.kernel.AllMemory.ALL;
import static dev.falconer.kernel.AttentionLoops.BLOCK;
import static dev.falconer.kernel.AttentionLoops.ROW_BYTES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.falconer.kernel.AttentionKernels.ByRows;
import dev.falconer.kernel.AttentionLoops.Own;
import dev.falconer.kernel.AttentionLoops.Scores;
import dev.falconer.kernel.AttentionLoops.Sums;
import java.lang.foreign.MemorySegment;

/**
 * One thread's attention in float32, and its memory. A few rows at a time go over blocks of tokens:
 * scores in units of ln 2, shares 2^(score - most), sums of values by shares. A row's most score is
 * its own token's or that of the token with the largest mask, and is replaced where another is far
 * larger: any near the largest will do, and so none is looked for. To that token's block the others
 * follow, round.
 */
final class AttentionRun {
  private static final int LINE = 64;

  private final AttentionKernels kernels;
  private final AttentionState state;
  private final Scratch scratch = new Scratch();

  // The rows' at hand.
  private long scores;
  private long shares;
  private long most; // a line a row, likewise totals
  private long totals;
  private long sums;
  private int sumBytes;
  private long queries; // copies, padded with zeros, likewise the rows' own keys and values
  private long keys;
  private long values;

  AttentionRun(AttentionKernels kernels) {
    this.kernels = kernels;
    this.state = new AttentionState(kernels);
  }

  /** Returns the state, viewed. */
  AttentionState state(AttentionShape shape, int tokens, long address) {
    state.view(shape, tokens, address);
    return state;
  }

  /** Writes what rows attend to of the state viewed. */
  void run(
      long query,
      long queryBytes,
      int rows,
      long ownKeys,
      long ownValues,
      long ownBytes,
      long y,
      long yBytes) {
    int width = state.shape().width();
    int most = kernels.rows();
    sumBytes = Float.BYTES * Scratch.pitch(width);
    long rowBytes = (long) most * sumBytes;
    scratch.begin(2L * LINE * most + 2L * most * ROW_BYTES + 4 * rowBytes);
    this.most = scratch.take((long) LINE * most);
    totals = scratch.take((long) LINE * most);
    scores = scratch.take((long) most * ROW_BYTES);
    shares = scratch.take((long) most * ROW_BYTES);
    sums = scratch.take(rowBytes);
    queries = scratch.take(rowBytes);
    keys = scratch.take(rowBytes);
    values = scratch.take(rowBytes);
    if (!state.isWhole()) {
      kernels.zero(queries, 3 * rowBytes);
    }
    for (int head = 0; head < state.shape().heads(); head++) {
      long offset = (long) Float.BYTES * head * width;
      for (int first = 0; first < rows; first += most) {
        int count = Math.min(most, rows - first);
        long from = query + first * queryBytes + offset;
        long fromBytes = queryBytes;
        if (!state.isWhole()) {
          copy(from, queryBytes, queries, sumBytes, count);
          from = queries;
          fromBytes = sumBytes;
        }
        kernels.zero(totals, (long) LINE * count);
        if (ownKeys == 0) {
          kernels.zero(sums, (long) sumBytes * count);
          for (int r = 0; r < count && state.tokens() == 0; r++) {
            put(totals, (long) r * LINE / Float.BYTES, 1); // y is 0
          }
        } else {
          long own = first * ownBytes + offset;
          own(from, fromBytes, ownKeys + own, ownValues + own, ownBytes, count);
        }
        attend(head, from, (int) fromBytes, count, ownKeys != 0);
        quotients(count, y + first * yBytes + offset, yBytes);
      }
    }
  }

  /** Begins sums and totals with the rows' own tokens. */
  private void own(
      long query, long queryBytes, long ownKeys, long ownValues, long ownBytes, int rows) {
    Own own = kernels.own();
    int vectors = state.vectors();
    float by = state.scale();
    if (state.isWhole()) {
      own.run(
          query, queryBytes, ownKeys, ownValues, ownBytes, rows, vectors, by, most, sums, sumBytes);
    } else {
      copy(ownKeys, ownBytes, keys, sumBytes, rows);
      copy(ownValues, ownBytes, values, sumBytes, rows);
      own.run(query, queryBytes, keys, values, sumBytes, rows, vectors, by, most, sums, sumBytes);
    }
    for (int r = 0; r < rows; r++) {
      float score = at(most, (long) r * LINE / Float.BYTES);
      if (score == Float.NEGATIVE_INFINITY) {
        setMost(r, -Float.MAX_VALUE);
        kernels.zero(sums + (long) r * sumBytes, sumBytes);
      } else {
        put(totals, (long) r * LINE / Float.BYTES, 1 + 0 * score); // 2^0, or NaN
      }
    }
  }

  private void setMost(int row, float score) {
    for (int i = 0; i < LINE / Float.BYTES; i++) {
      put(most, (long) row * LINE / Float.BYTES + i, score);
    }
  }

  /** Adds the tokens of a head to the sums and totals of rows. */
  private void attend(int head, long query, int queryBytes, int rows, boolean hasOwn) {
    int tokens = state.tokens();
    int blocks = Math.ceilDiv(tokens, BLOCK);
    int best = state.best();
    for (int i = 0; i < blocks; i++) {
      int first = (best / BLOCK + i) % blocks * BLOCK;
      int count = Math.min(BLOCK, tokens - first);
      scores(query, queryBytes, state.keys(head, first), state.mask(first), rows, count);
      if (i == 0 && !hasOwn) {
        kernels.most().run(scores + (long) Float.BYTES * (best - first), rows, most);
      }
      shares(rows, count);
      sums(state.values(head) + first * state.valueBytes(), rows, count);
    }
  }

  private void scores(long query, int queryBytes, long keys, long mask, int rows, int count) {
    ByRows<Scores> by = kernels.scores();
    int tiles = Math.ceilDiv(count, kernels.tile());
    int row = 0;
    for (int i = 0; i < by.rows().length; i++) {
      for (; rows - row >= by.rows()[i]; row += by.rows()[i]) {
        long from = query + (long) row * queryBytes;
        long to = scores + (long) row * ROW_BYTES;
        by.kernels()[i].run(from, queryBytes, keys, state.keyWidth(), tiles, mask, to);
      }
    }
  }

  private void shares(int rows, int count) {
    int row = 0;
    while (row < rows) {
      long offset = (long) row * ROW_BYTES;
      row +=
          kernels
              .shares()
              .run(
                  scores + offset,
                  most + (long) LINE * row,
                  totals + (long) LINE * row,
                  rows - row,
                  Math.ceilDiv(count, kernels.lanes()),
                  shares + offset);
      if (row < rows && !raise(row, count)) {
        put(totals, (long) row * LINE / Float.BYTES, Float.NaN);
        row++;
      }
    }
  }

  /** Begins a row anew with the largest score of a block; returns whether that is larger. */
  private boolean raise(int row, int count) {
    float before = at(most, (long) row * LINE / Float.BYTES);
    float after = before;
    for (int t = 0; t < count; t++) {
      float score = at(scores + (long) row * ROW_BYTES, t);
      after = score > after ? score : after;
    }
    setMost(row, after);
    float factor = (float) Math.pow(2, (double) before - after);
    scale(totals + (long) row * LINE, LINE, factor);
    scale(sums + (long) row * sumBytes, sumBytes, factor);
    return after > before;
  }

  private void sums(long value, int rows, int count) {
    for (int v = 0; v < state.vectors(); ) {
      boolean isPair = state.vectors() - v > 1;
      ByRows<Sums> by = kernels.sums(isPair);
      long offset = (long) Float.BYTES * kernels.lanes() * v;
      int row = 0;
      for (int i = 0; i < by.rows().length; i++) {
        for (; rows - row >= by.rows()[i]; row += by.rows()[i]) {
          long from = shares + (long) row * ROW_BYTES;
          long to = sums + (long) row * sumBytes + offset;
          by.kernels()[i].run(from, count, value + offset, state.valueBytes(), to, sumBytes);
        }
      }
      v += isPair ? 2 : 1;
    }
  }

  private void quotients(int rows, long y, long yBytes) {
    boolean isWhole = state.isWhole();
    long to = isWhole ? y : sums;
    long toBytes = isWhole ? yBytes : sumBytes;
    kernels.quotients().run(sums, sumBytes, totals, rows, state.vectors(), to, toBytes);
    if (!isWhole) {
      copy(sums, sumBytes, y, yBytes, rows);
    }
  }

  private static void scale(long address, int bytes, float factor) {
    for (int i = 0; i < bytes / Float.BYTES; i++) {
      put(address, i, at(address, i) * factor);
    }
  }

  /** Copies rows; what is behind them in whole vectors stays 0. */
  private void copy(long from, long fromBytes, long to, long toBytes, int rows) {
    long bytes = (long) Float.BYTES * state.shape().width();
    for (int r = 0; r < rows; r++) {
      MemorySegment.copy(
          ALL, JAVA_BYTE, from + r * fromBytes, ALL, JAVA_BYTE, to + r * toBytes, bytes);
    }
  }

  private static float at(long address, long index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + Float.BYTES * index);
  }

  private static void put(long address, long index, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + Float.BYTES * index, value);
  }
}
