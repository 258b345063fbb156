package dev.falconer.compressor.fuzz;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A float64 tensor of the graph.
 *
 * @param parties whose data it depends on: {@link #USER}, {@link #CONTEXT} and {@link #CANDIDATE}
 *     added up
 */
record Value(String name, List<Dim> dims, int parties) {
  static final int USER = 1;
  static final int CONTEXT = 2;
  static final int CANDIDATE = 4;

  Value {
    dims = List.copyOf(dims);
  }

  int rank() {
    return dims.size();
  }

  Dim dim(int axis) {
    return dims.get(axis < 0 ? axis + dims.size() : axis);
  }

  boolean is(Dim... wanted) {
    return dims.equals(List.of(wanted));
  }

  boolean of(int party) {
    return (parties & party) != 0;
  }

  /** Returns the axis that counts rows, or -1. */
  int rows() {
    return dims.indexOf(Dim.ROWS);
  }

  /** Returns the length of the last axis where it is fixed and there are rows before, else 0. */
  int width() {
    return rank() >= 2 && dim(-1).isFixed() ? dim(-1).extra() : 0;
  }

  /** Returns the axes with one replaced. */
  List<Dim> with(int axis, Dim dim) {
    var result = new ArrayList<>(dims);
    result.set(axis < 0 ? axis + result.size() : axis, dim);
    return result;
  }

  List<Dim> without(int axis) {
    var result = new ArrayList<>(dims);
    result.remove(axis);
    return result;
  }

  /** Returns the axes that two tensors broadcast to, or null. */
  static @Nullable List<Dim> joined(List<Dim> a, List<Dim> b) {
    var result = new ArrayList<Dim>();
    int rank = Math.max(a.size(), b.size());
    for (int i = 0; i < rank; i++) {
      int left = i - rank + a.size();
      int right = i - rank + b.size();
      Dim x = left < 0 ? Dim.ONE : a.get(left);
      Dim y = right < 0 ? Dim.ONE : b.get(right);
      if (!x.equals(y) && !x.equals(Dim.ONE) && !y.equals(Dim.ONE)) {
        return null;
      }
      result.add(x.equals(Dim.ONE) ? y : x);
    }
    return result.stream().filter(Dim::isRows).count() > 1 ? null : result;
  }
}
