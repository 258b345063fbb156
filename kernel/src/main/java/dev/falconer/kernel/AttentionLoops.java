package dev.falconer.kernel;

/** The inner loops of attention in float32; generated code, see {@link AttentionCode}. */
final class AttentionLoops {
  /** Tokens whose scores are at hand at a time; with 128 all takes 3 % longer. */
  static final int BLOCK = Attention.BLOCK;

  /** Bytes from a row's scores or shares to the next: a line more than they take. */
  static final int ROW_BYTES = Float.BYTES * BLOCK + 64;

  /** A share's power of two beyond which its row is begun anew with a larger most score. */
  static final int MOST_POWER = 43;

  /** Keys laid out for {@link Scores}. */
  interface Transposed {
    /**
     * Writes 8 rows as columns, times a scale.
     *
     * @param from address of the first row's floats
     * @param fromBytes from a row to the next
     * @param eights of floats of a row, at least 1
     * @param orders address of {@link AttentionKernels#orders}
     * @param to address of the first column's 8 floats
     * @param toBytes from a column to the next
     */
    void run(
        long from, long fromBytes, int eights, float scale, long orders, long to, long toBytes);
  }

  /** Scores of rows with tiles of tokens. */
  interface Scores {
    /**
     * Writes the products of queries and keys plus a mask.
     *
     * @param query address of the first row's
     * @param queryBytes from a row to the next
     * @param keys address of tiles [width, tokens of a tile]
     * @param width even, at least 2
     * @param tiles at least 1
     * @param mask address of the tiles'
     * @param scores address; rows {@link #ROW_BYTES} apart
     */
    void run(long query, int queryBytes, long keys, int width, int tiles, long mask, long scores);
  }

  /** Scores that are each row's most at first. */
  interface Most {
    /**
     * Writes one score of each row, where that is -infinity the least number.
     *
     * @param scores address of the first row's; rows {@link #ROW_BYTES} apart
     * @param rows at least 1
     * @param most address of 16 floats a row, all the same
     */
    void run(long scores, int rows, long most);
  }

  /** Shares 2^(score - most) of rows. */
  interface Shares {
    /**
     * Returns the rows done: it ends before one with a share above 2^{@link #MOST_POWER}, or one
     * that is no number.
     *
     * @param scores address; rows {@link #ROW_BYTES} apart, likewise shares
     * @param most address of 16 floats a row
     * @param totals address of 16 floats a row, to which the shares are added
     * @param rows at least 1
     * @param vectors of a row, at least 1
     */
    int run(long scores, long most, long totals, int rows, int vectors, long shares);
  }

  /** Sums of values by shares. */
  interface Sums {
    /**
     * Adds the products of shares and values.
     *
     * @param shares address; rows {@link #ROW_BYTES} apart
     * @param tokens at least 1
     * @param values address of the first token's
     * @param valueBytes from a token to the next
     * @param sums address of the first row's
     * @param sumBytes from a row to the next
     */
    void run(long shares, int tokens, long values, long valueBytes, long sums, int sumBytes);
  }

  /** Each row's own token. */
  interface Own {
    /**
     * Writes each product of query and key, times a scale, into all lanes of a vector, and the
     * values to the sums.
     *
     * @param queryBytes from a row to the next
     * @param ownBytes likewise, of keys and values
     * @param rows at least 1
     * @param vectors of a row, at least 1
     * @param dots address of 16 floats a row
     * @param sumBytes from a row to the next
     */
    void run(
        long query,
        long queryBytes,
        long keys,
        long values,
        long ownBytes,
        int rows,
        int vectors,
        float scale,
        long dots,
        long sums,
        long sumBytes);
  }

  /** Sums over totals. */
  interface Quotients {
    /**
     * Divides each row by the sum of its totals.
     *
     * @param sumBytes from a row to the next, likewise yBytes
     * @param totals address of 16 floats a row
     * @param rows at least 1
     * @param vectors of a row, at least 1
     */
    void run(long sums, long sumBytes, long totals, int rows, int vectors, long y, long yBytes);
  }

  private AttentionLoops() {}
}
