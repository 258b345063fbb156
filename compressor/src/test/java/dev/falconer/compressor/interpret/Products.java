package dev.falconer.compressor.interpret;

import java.util.Arrays;

/** Matrix products. */
final class Products {
  private Products() {}

  static NdArray matMul(Call call) {
    NdArray a = call.in(0);
    NdArray b = call.in(1);
    if (a.dtype != b.dtype) {
      throw call.refused("reads " + a.dtype + " and " + b.dtype);
    }
    NdArray left = a.rank() == 1 ? a.reshaped(1, a.dims[0]) : a;
    NdArray right = b.rank() == 1 ? b.reshaped(b.dims[0], 1) : b;
    int rows = left.dims[left.rank() - 2];
    int inner = left.dims[left.rank() - 1];
    int columns = right.dims[right.rank() - 1];
    if (right.dims[right.rank() - 2] != inner) {
      throw call.refused(
          "multiplies " + Arrays.toString(a.dims) + " by " + Arrays.toString(b.dims));
    }
    int[] batch =
        NdArray.joined(
            Arrays.copyOf(left.dims, left.rank() - 2), Arrays.copyOf(right.dims, right.rank() - 2));
    left = left.broadcast(appended(batch, rows, inner));
    right = right.broadcast(appended(batch, inner, columns));
    NdArray out = NdArray.zeros(a.dtype, appended(batch, rows, columns));
    for (int i = 0; i < NdArray.size(batch); i++) {
      multiply(left.data, right.data, out.data, i, rows, inner, columns);
    }
    if (a.rank() > 1 && b.rank() > 1) {
      return out;
    }
    int[] shape = b.rank() == 1 ? Arrays.copyOf(out.dims, out.rank() - 1) : out.dims;
    if (a.rank() == 1) {
      int at = b.rank() == 1 ? shape.length - 1 : shape.length - 2;
      var without = new int[shape.length - 1];
      System.arraycopy(shape, 0, without, 0, at);
      System.arraycopy(shape, at + 1, without, at, without.length - at);
      shape = without;
    }
    return out.reshaped(shape);
  }

  private static int[] appended(int[] batch, int rows, int columns) {
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = rows;
    shape[batch.length + 1] = columns;
    return shape;
  }

  private static void multiply(
      double[] a, double[] b, double[] out, int batch, int rows, int inner, int columns) {
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < inner; k++) {
        double x = a[(batch * rows + row) * inner + k];
        int from = (batch * inner + k) * columns;
        int to = (batch * rows + row) * columns;
        for (int column = 0; column < columns; column++) {
          out[to + column] += x * b[from + column];
        }
      }
    }
  }

  static NdArray gemm(Call call) {
    NdArray a = turned(call, 0, "transA");
    NdArray b = turned(call, 1, "transB");
    int rows = a.dims[0];
    int inner = a.dims[1];
    int columns = b.dims[1];
    if (b.dims[0] != inner) {
      throw call.refused(
          "multiplies " + Arrays.toString(a.dims) + " by " + Arrays.toString(b.dims));
    }
    NdArray out = NdArray.zeros(a.dtype, rows, columns);
    multiply(a.data, b.data, out.data, 0, rows, inner, columns);
    double alpha = call.node().floatAttribute("alpha", 1);
    double beta = call.node().floatAttribute("beta", 1);
    NdArray bias = call.has(2) ? call.in(2).broadcast(out.dims) : null;
    for (int i = 0; i < out.data.length; i++) {
      out.data[i] = alpha * out.data[i] + (bias == null ? 0 : beta * bias.data[i]);
    }
    return out;
  }

  private static NdArray turned(Call call, int index, String attribute) {
    NdArray in = call.in(index);
    if (in.rank() != 2) {
      throw call.refused("reads a tensor of rank " + in.rank());
    }
    return call.node().intAttribute(attribute, 0) == 1 ? Moves.transposed(in, 1, 0) : in;
  }
}
