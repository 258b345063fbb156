package dev.falconer.compressor.pipeline;

import dev.falconer.compressor.solver.LowRank;
import dev.falconer.compressor.solver.Matrix;

/** Another order of a layer's inputs, for solvers that take consecutive ones as a group. */
final class InputOrder {
  private final int[] order;

  /**
   * Takes an order.
   *
   * @param order the input that comes first, second and so on
   */
  InputOrder(int[] order) {
    this.order = order.clone();
  }

  private boolean isAsStored() {
    for (int i = 0; i < order.length; i++) {
      if (order[i] != i) {
        return false;
      }
    }
    return true;
  }

  /** Returns a weight [out, in] with its inputs in this order. */
  Matrix columns(Matrix weight) {
    return isAsStored() ? weight : picked(weight, order);
  }

  /** Returns a gram [in, in] with rows and columns in this order. */
  Matrix both(Matrix gram) {
    return isAsStored() ? gram : picked(picked(gram, order).transposed(), order).transposed();
  }

  /** Returns what was found in this order as the layer is stored. */
  Outcome back(Outcome found) {
    if (isAsStored()) {
      return found;
    }
    var inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    Parts parts =
        switch (found.parts()) {
          case Parts.Merged merged -> merged;
          case Parts.Removed removed -> removed;
          case Parts.LowRankBeside(Matrix sparse, LowRank lowRank) ->
              new Parts.LowRankBeside(
                  picked(sparse, inverse),
                  new LowRank(lowRank.left(), picked(lowRank.right(), inverse)));
          // No Conv is written on a grid.
          case Parts.OnGrid onGrid -> onGrid;
          case Parts.Integers integers -> integers;
        };
    return found.with(picked(found.weight(), inverse), parts);
  }

  private static Matrix picked(Matrix matrix, int[] columns) {
    var values = new double[matrix.rows() * columns.length];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < columns.length; c++) {
        values[r * columns.length + c] = matrix.at(r, columns[c]);
      }
    }
    return Matrix.over(matrix.rows(), columns.length, values);
  }
}
