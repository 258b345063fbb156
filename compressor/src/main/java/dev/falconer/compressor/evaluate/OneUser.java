package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.StringTensor;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.v1.ColumnSpec;

/** One user's part of a batch's column. */
final class OneUser {
  private OneUser() {}

  /**
   * Returns rows of a batch's column as a graph of one user takes them.
   *
   * @param tensor [B, rows, row shape], or [B, row shape] for a column of one row a user
   * @return [1.., rows, row shape] with the column's number of leading ones
   */
  static TensorData rows(TensorData tensor, ColumnSpec column, int user, int from, int rows) {
    long[] rowShape = column.getRowShapeList().stream().mapToLong(Long::longValue).toArray();
    boolean isOneRow = tensor.shape().rank() == 1 + rowShape.length;
    long perUser = isOneRow ? 1 : tensor.shape().dim(1);
    long perRow = Shape.of(rowShape).size();
    var dims = new long[column.getLeading() + 1 + rowShape.length];
    java.util.Arrays.fill(dims, 0, column.getLeading(), 1);
    dims[column.getLeading()] = rows;
    System.arraycopy(rowShape, 0, dims, column.getLeading() + 1, rowShape.length);
    long first = (user * perUser + from) * perRow;
    long count = rows * perRow;
    return switch (tensor) {
      case StringTensor strings ->
          new StringTensor(
              Shape.of(dims), strings.values().subList((int) first, (int) (first + count)));
      case NumericTensor numbers -> {
        int bytes = numbers.dtype().bytes();
        // A copy: slices of a tensor lie at any address, ONNX Runtime reads aligned ones faster.
        yield NumericTensor.copied(
            numbers.dtype(), Shape.of(dims), numbers.bytes().asSlice(first * bytes, count * bytes));
      }
    };
  }
}
