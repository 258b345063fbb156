package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators that pick or write by indices that are data. The rows may be indexed by nobody: they
 * stand in axes that every operand shares, row by row.
 */
final class Indexed {
  private Indexed() {}

  static Known gatherNd(Scope scope) {
    Known data = scope.in(0);
    Known indices = scope.in(1);
    int batch = (int) scope.node().intAttribute("batch_dims", 0);
    int depth = depth(scope, indices);
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < batch; i++) {
      axes.add(scope.join(i, data.axis(i), indices.axis(i)));
    }
    for (int i = batch; i < batch + depth; i++) {
      scope.keepsRows(data, i, "picks by position among");
    }
    axes.addAll(indices.axes().subList(batch, indices.rank() - 1));
    axes.addAll(data.axes().subList(batch + depth, data.rank()));
    return new Known(data.dtype(), axes, scope.colour(), null, data.low(), data.high());
  }

  private static int depth(Scope scope, Known indices) {
    Poly length = indices.axis(-1).length();
    if (!length.isInteger()) {
      throw scope.unsupported("indices of " + length + " numbers", "export with a fixed number");
    }
    return Math.toIntExact(length.integer());
  }

  static Known scatterElements(Scope scope) {
    Known data = scope.in(0);
    Known indices = scope.in(1);
    Known updates = scope.in(2);
    int axis = scope.axis(scope.node().intAttribute("axis", 0), data.rank());
    scope.keepsRows(data, axis, "writes by position among");
    scope.keepsRows(indices, axis, "writes by position among");
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < data.rank(); i++) {
      Axis joined = data.axis(i);
      for (Known other : List.of(indices, updates)) {
        boolean rows = joined.hasRows() || other.axis(i).hasRows();
        if (i != axis && rows && !joined.length().equals(other.axis(i).length())) {
          throw scope.mixes(i, "writes to some of");
        }
        joined = i != axis && rows ? scope.join(i, joined, other.axis(i)) : joined;
      }
      axes.add(joined.hasRows() ? joined : Axis.of(data.axis(i).length(), false, true));
    }
    return Known.of(data.dtype(), axes, scope.colour());
  }

  static Known scatterNd(Scope scope) {
    Known data = scope.in(0);
    Known indices = scope.in(1);
    Known updates = scope.in(2);
    int depth = depth(scope, indices);
    for (int i = 0; i < indices.rank(); i++) {
      scope.keepsRows(indices, i, "writes by position among");
    }
    for (int i = 0; i < depth; i++) {
      scope.keepsRows(data, i, "writes by position among");
    }
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < data.rank(); i++) {
      if (i < depth) {
        axes.add(Axis.of(data.axis(i).length(), false, true));
        continue;
      }
      Axis written = updates.axis(indices.rank() - 1 + i - depth);
      axes.add(scope.join(i, data.axis(i), written));
    }
    for (int i = 0; i < indices.rank() - 1; i++) {
      scope.keepsRows(updates, i, "writes by position among");
    }
    return Known.of(data.dtype(), axes, scope.colour());
  }

  static Known oneHot(Scope scope) {
    Known in = scope.in(0);
    int rank = in.rank() + 1;
    int axis = scope.axis(scope.node().intAttribute("axis", -1), rank);
    var axes = new ArrayList<>(in.axes());
    axes.add(axis, Axis.of(scope.integers(1)[0]));
    DType dtype = scope.in(2).dtype();
    return Known.of(dtype, axes, scope.colour());
  }
}
