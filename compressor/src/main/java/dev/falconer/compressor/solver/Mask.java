package dev.falconer.compressor.solver;

import java.util.BitSet;

/** Which weights [out, in] are kept. Immutable. */
public final class Mask {
  private final int rows;
  private final int columns;
  private final BitSet kept;

  private Mask(int rows, int columns, BitSet kept) {
    this.rows = rows;
    this.columns = columns;
    this.kept = kept;
  }

  /** Returns the mask of the non-zero weights. */
  public static Mask ofNonZero(Matrix weight) {
    var kept = new BitSet(weight.rows() * weight.columns());
    for (int r = 0; r < weight.rows(); r++) {
      for (int c = 0; c < weight.columns(); c++) {
        kept.set(r * weight.columns() + c, weight.at(r, c) != 0);
      }
    }
    return new Mask(weight.rows(), weight.columns(), kept);
  }

  /**
   * Returns the mask that keeps, in every group of the pattern, the weights of the highest scores;
   * among equal scores those of larger magnitude, then those further left.
   *
   * @param scores [out, in]
   * @param weight [out, in]
   */
  static Mask keepingHighest(Matrix scores, Matrix weight, Pattern pattern) {
    int columns = weight.columns();
    var kept = new BitSet(weight.rows() * columns);
    for (int row = 0; row < weight.rows(); row++) {
      for (int from = 0; from < columns; from += pattern.group()) {
        int to = Math.min(columns, from + pattern.group());
        for (int n = pattern.keptOf(to - from); n > 0; n--) {
          int best = -1;
          for (int c = from; c < to; c++) {
            if (!kept.get(row * columns + c)
                && (best < 0 || compare(scores, weight, row, c, best) > 0)) {
              best = c;
            }
          }
          kept.set(row * columns + best);
        }
      }
    }
    return new Mask(weight.rows(), columns, kept);
  }

  private static int compare(Matrix scores, Matrix weight, int row, int one, int other) {
    int byScore = Double.compare(scores.at(row, one), scores.at(row, other));
    return byScore != 0
        ? byScore
        : Double.compare(Math.abs(weight.at(row, one)), Math.abs(weight.at(row, other)));
  }

  /** Returns the number of rows, out. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns, in. */
  public int columns() {
    return columns;
  }

  /** Returns whether the weight is kept. */
  public boolean keeps(int row, int column) {
    return kept.get(row * columns + column);
  }

  /** Returns the number of weights kept. */
  public int count() {
    return kept.cardinality();
  }

  /** Returns the fraction kept, 0 to 1. */
  public double density() {
    return (double) count() / ((double) rows * columns);
  }

  /** Returns the weights with zeros where the mask drops. */
  public Matrix applied(Matrix weight) {
    if (weight.rows() != rows || weight.columns() != columns) {
      throw new IllegalArgumentException("mask [%d, %d] on %s".formatted(rows, columns, weight));
    }
    double[] values = weight.toArray();
    for (int i = kept.nextClearBit(0); i < values.length; i = kept.nextClearBit(i + 1)) {
      values[i] = 0;
    }
    return Matrix.over(rows, columns, values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mask mask
        && rows == mask.rows
        && columns == mask.columns
        && kept.equals(mask.kept);
  }

  @Override
  public int hashCode() {
    return 31 * rows + kept.hashCode();
  }

  @Override
  public String toString() {
    return "mask [%d, %d] keeping %d".formatted(rows, columns, count());
  }
}
