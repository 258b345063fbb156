package dev.falconer.compressor.solver;

import java.util.Arrays;

/**
 * The exact transposable N:M mask of one M x M block: N kept in every row and every column, the sum
 * of the kept scores as large as can be. Scratch space of one thread, used block after block.
 */
/*
 * The mask is a flow from rows to columns. With a price for each column, every row takes its N
 * largest of score - price; where all columns then hold N, the prices prove the mask to be best [1].
 * While one holds more, the cheapest chain of exchanges from a column that holds too many to one
 * that holds too few is found by Dijkstra's algorithm over the columns (the way from u to v leads
 * through a row that holds u and not v) and applied; the settled columns' prices move by what they
 * were nearer than the end, which keeps every row's choice a best one. Any prices may start; few chains
 * are left where every price lies in the middle between its column's N-th and next largest of score
 * less the row's own threshold, which a few rounds over rows and columns bring about: 4096 x 4096
 * normal scores at 8:16 take 1.4 chains a block and 1.7 s of CPU time, from prices of 0 some 10 and
 * 6 s.
 *
 * [1] Ahuja, Magnanti, Orlin 1993, Network Flows, 9.7 (successive shortest paths).
 */
final class TransposableBlock {
  private final int group;
  private final int kept;
  private final long all;
  private final float[] scores;
  private final float[] distance;
  private final float[] sorted;
  private final float[] thresholds;
  private final long[] rows;
  private final long[] holders;
  private final int[] count;
  private final int[] from;
  private final int[] through;

  /**
   * A block's scratch space.
   *
   * @param kept N, 1 to M - 1
   * @param group M, 2 to 64
   */
  TransposableBlock(int kept, int group) {
    if (group < 2 || group > Long.SIZE || kept < 1 || kept >= group) {
      throw new IllegalArgumentException(
          "a transposable mask keeps N of M, 1 <= N < M <= 64; got %d of %d"
              .formatted(kept, group));
    }
    this.group = group;
    this.kept = kept;
    all = -1L >>> (Long.SIZE - group);
    scores = new float[group * group];
    distance = new float[group];
    sorted = new float[group];
    thresholds = new float[group];
    rows = new long[group];
    holders = new long[group];
    count = new int[group];
    from = new int[group];
    through = new int[group];
  }

  /** Returns the block's scores [M, M], row-major, to be filled before solving. Finite. */
  float[] scores() {
    return scores;
  }

  /** Returns the kept columns of a row, one bit each, after solving. */
  long row(int row) {
    return rows[row];
  }

  /**
   * Moves the M prices from {@code at} towards balance, the better a start for {@link #solve} the
   * more rounds. Prices that proved a mask are better for one round, too: they leave ties, which
   * the slightest change of the scores breaks either way.
   */
  void balance(float[] prices, int at, int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < group; i++) {
        for (int j = 0; j < group; j++) {
          sorted[j] = scores[i * group + j] - prices[at + j];
        }
        thresholds[i] = middle();
      }
      for (int j = 0; j < group; j++) {
        for (int i = 0; i < group; i++) {
          sorted[i] = scores[i * group + j] - thresholds[i];
        }
        prices[at + j] = middle();
      }
    }
  }

  /** Returns the middle between the N-th and the next largest of {@link #sorted}. */
  private float middle() {
    Arrays.sort(sorted);
    return .5f * (sorted[group - kept] + sorted[group - kept - 1]);
  }

  /**
   * Finds the mask of the scores.
   *
   * @param prices any to start from, M of them from {@code at}; on return those that prove the mask
   * @return the number of chains of exchanges needed
   */
  int solve(float[] prices, int at) {
    Arrays.fill(holders, 0);
    for (int i = 0; i < group; i++) {
      takeLargest(i, prices, at);
    }
    int over = 0;
    for (int j = 0; j < group; j++) {
      count[j] = Long.bitCount(holders[j]);
      over += Math.max(0, count[j] - kept);
    }
    for (int chain = 0; chain < over; chain++) {
      int end = nearest(prices, at);
      apply(end);
    }
    return over;
  }

  private void takeLargest(int row, float[] prices, int at) {
    int start = row * group;
    for (int j = 0; j < group; j++) {
      sorted[j] = distance[j] = scores[start + j] - prices[at + j];
    }
    Arrays.sort(sorted);
    float least = sorted[group - kept];
    long held = 0;
    long equal = 0;
    for (int j = 0; j < group; j++) {
      if (distance[j] > least) {
        held |= 1L << j;
      } else if (distance[j] == least) {
        equal |= 1L << j;
      }
    }
    for (int missing = kept - Long.bitCount(held); missing > 0; missing--) {
      held |= Long.lowestOneBit(equal);
      equal &= equal - 1;
    }
    rows[row] = held;
    for (long rest = held; rest != 0; rest &= rest - 1) {
      holders[Long.numberOfTrailingZeros(rest)] |= 1L << row;
    }
  }

  /** Returns the nearest column that holds too few, its chain in from and through. */
  private int nearest(float[] prices, int at) {
    for (int j = 0; j < group; j++) {
      boolean source = count[j] > kept;
      distance[j] = source ? 0 : Float.POSITIVE_INFINITY;
      from[j] = -1;
    }
    long open = all;
    while (true) {
      int u = closest(open);
      open &= ~(1L << u);
      float reached = distance[u];
      if (count[u] < kept) {
        for (long done = all & ~open; done != 0; done &= done - 1) {
          int j = Long.numberOfTrailingZeros(done);
          prices[at + j] += reached - distance[j];
        }
        return u;
      }
      float base = reached - prices[at + u];
      for (long held = holders[u]; held != 0; held &= held - 1) {
        int i = Long.numberOfTrailingZeros(held);
        int start = i * group;
        float leave = base + scores[start + u];
        for (long to = open & ~rows[i]; to != 0; to &= to - 1) {
          int v = Long.numberOfTrailingZeros(to);
          float length = leave - scores[start + v] + prices[at + v];
          if (length < distance[v]) {
            distance[v] = length;
            from[v] = u;
            through[v] = i;
          }
        }
      }
    }
  }

  private int closest(long open) {
    int best = Long.numberOfTrailingZeros(open);
    for (long rest = open & (open - 1); rest != 0; rest &= rest - 1) {
      int j = Long.numberOfTrailingZeros(rest);
      if (distance[j] < distance[best]) {
        best = j;
      }
    }
    return best;
  }

  private void apply(int end) {
    count[end]++;
    int v = end;
    while (from[v] >= 0) {
      int u = from[v];
      long row = 1L << through[v];
      rows[through[v]] ^= (1L << u) | (1L << v);
      holders[u] ^= row;
      holders[v] ^= row;
      v = u;
    }
    count[v]--;
  }
}
