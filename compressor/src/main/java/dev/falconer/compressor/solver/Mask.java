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

  /** Returns the mask that keeps all. */
  static Mask full(int out, int in) {
    var kept = new BitSet(out * in);
    kept.set(0, out * in);
    return new Mask(out, in, kept);
  }

  /** Returns the mask of marks [in, out] row-major: not 0 where kept. */
  static Mask ofInOut(float[] marks, int out, int in) {
    var kept = new BitSet(marks.length);
    float[] rows = Floats.transposed(marks, in, out);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] != 0) {
        kept.set(i);
      }
    }
    return new Mask(out, in, kept);
  }

  /** Returns a mask of a copy of the bits, [out, in] row-major. */
  static Mask of(int out, int in, BitSet bits) {
    return new Mask(out, in, (BitSet) bits.clone());
  }

  /** Returns marks [in, out] row-major: 1 where kept, 0 where not. */
  float[] toInOut() {
    var marks = new float[rows * columns];
    for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
      marks[i % columns * rows + i / columns] = 1;
    }
    return marks;
  }

  /** Returns the inputs that an output keeps, ascending. */
  int[] keptOf(int row) {
    return kept.get(row * columns, (row + 1) * columns).stream().toArray();
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
