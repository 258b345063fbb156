package dev.falconer.compressor.solver;

import java.util.Arrays;

/** Numbers in rows and columns, fp64, row-major. Immutable once published. */
public final class Matrix {
  private final int rows;
  private final int columns;
  private final double[] values;

  private Matrix(int rows, int columns, double[] values) {
    if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "%d values for a matrix [%d, %d]".formatted(values.length, rows, columns));
    }
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /** Returns a matrix that owns the row-major values from now on. */
  public static Matrix over(int rows, int columns, double[] values) {
    return new Matrix(rows, columns, values);
  }

  /** Returns a matrix of a copy of the row-major values. */
  public static Matrix of(int rows, int columns, double... values) {
    return new Matrix(rows, columns, values.clone());
  }

  /** Returns the square matrix with the given diagonal and zeros elsewhere. */
  public static Matrix diagonal(double... diagonal) {
    var values = new double[Math.multiplyExact(diagonal.length, diagonal.length)];
    for (int i = 0; i < diagonal.length; i++) {
      values[i * diagonal.length + i] = diagonal[i];
    }
    return new Matrix(diagonal.length, diagonal.length, values);
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int columns() {
    return columns;
  }

  /** Returns an element. */
  public double at(int row, int column) {
    return values[row * columns + column];
  }

  /** Returns the elements, row-major, a copy. */
  public double[] toArray() {
    return values.clone();
  }

  /** Returns the main diagonal. */
  public double[] diagonal() {
    var diagonal = new double[Math.min(rows, columns)];
    for (int i = 0; i < diagonal.length; i++) {
      diagonal[i] = at(i, i);
    }
    return diagonal;
  }

  /** Returns rows and columns exchanged. */
  public Matrix transposed() {
    var flipped = new double[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        flipped[c * rows + r] = values[r * columns + c];
      }
    }
    return new Matrix(columns, rows, flipped);
  }

  /** Returns the sum. Throws IllegalArgumentException when the shapes differ. */
  public Matrix plus(Matrix other) {
    checkShape(other);
    var sum = values.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.values[i];
    }
    return new Matrix(rows, columns, sum);
  }

  /** Returns this less the other. Throws IllegalArgumentException when the shapes differ. */
  public Matrix minus(Matrix other) {
    checkShape(other);
    var difference = values.clone();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= other.values[i];
    }
    return new Matrix(rows, columns, difference);
  }

  /** Returns the elements, row-major, not copied: to be read only. */
  double[] values() {
    return values;
  }

  /** Returns whether no element is NaN or infinite. */
  public boolean isFinite() {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private void checkShape(Matrix other) {
    if (rows != other.rows || columns != other.columns) {
      throw new IllegalArgumentException(this + " with " + other);
    }
  }

  /** Returns some rows, in their order. */
  public Matrix ofRows(int... places) {
    var picked = new double[places.length * columns];
    for (int r = 0; r < places.length; r++) {
      System.arraycopy(values, places[r] * columns, picked, r * columns, columns);
    }
    return over(places.length, columns, picked);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix matrix
        && rows == matrix.rows
        && columns == matrix.columns
        && Arrays.equals(values, matrix.values);
  }

  @Override
  public int hashCode() {
    return 31 * rows + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "matrix [" + rows + ", " + columns + "]";
  }
}
