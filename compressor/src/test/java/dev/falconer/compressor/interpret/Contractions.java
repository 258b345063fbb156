package dev.falconer.compressor.interpret;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Einsum and the gated recurrent unit, by their definitions. */
final class Contractions {
  private Contractions() {}

  static NdArray einsum(Call call) {
    String[] sides = call.node().textAttribute("equation", "").replace(" ", "").split("->", -1);
    String[] terms = sides[0].split(",", -1);
    Map<Character, Integer> lengths = new LinkedHashMap<>();
    for (char letter : sides[1].toCharArray()) {
      lengths.put(letter, 0);
    }
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].length() != call.in(i).rank()) {
        throw call.refused("names " + terms[i] + " for rank " + call.in(i).rank());
      }
      for (int k = 0; k < terms[i].length(); k++) {
        int length = call.in(i).dims[k];
        int known = lengths.merge(terms[i].charAt(k), length, (a, b) -> a == 0 ? b : a);
        if (known != length) {
          throw call.refused("has two lengths for " + terms[i].charAt(k));
        }
      }
    }
    var letters = List.copyOf(lengths.keySet());
    int[] all = lengths.values().stream().mapToInt(Integer::intValue).toArray();
    int[] shape = sides[1].chars().map(letter -> lengths.get((char) letter)).toArray();
    NdArray out = NdArray.zeros(call.in(0).dtype, shape);
    int summed = NdArray.size(all) / Math.max(1, out.data.length);
    var index = new int[all.length];
    for (int i = 0; i < NdArray.size(all); i++) {
      int rest = i;
      for (int axis = all.length - 1; axis >= 0; axis--) {
        index[axis] = rest % all[axis];
        rest /= all[axis];
      }
      double product = 1;
      for (int t = 0; t < terms.length; t++) {
        int at = 0;
        int[] strides = call.in(t).strides();
        for (int k = 0; k < terms[t].length(); k++) {
          at += strides[k] * index[letters.indexOf(terms[t].charAt(k))];
        }
        product *= call.in(t).data[at];
      }
      out.data[i / summed] += product;
    }
    return out;
  }

  /** Returns all states [time, 1, rows, hidden] and the last one [1, rows, hidden]. */
  static List<NdArray> gru(Call call) {
    NdArray x = call.in(0);
    int steps = x.dims[0];
    int rows = x.dims[1];
    int hidden = call.in(2).dims[2];
    NdArray all = NdArray.zeros(x.dtype, steps, 1, rows, hidden);
    NdArray last = NdArray.zeros(x.dtype, 1, rows, hidden);
    if (call.has(5)) {
      System.arraycopy(call.in(5).broadcast(last.dims).data, 0, last.data, 0, last.data.length);
    }
    for (int step = 0; step < steps; step++) {
      for (int row = 0; row < rows; row++) {
        double[] next = step(call, last.data, row, (step * rows + row) * x.dims[2]);
        System.arraycopy(next, 0, last.data, row * hidden, hidden);
        System.arraycopy(next, 0, all.data, (step * rows + row) * hidden, hidden);
      }
    }
    return List.of(all, last);
  }

  private static double[] step(Call call, double[] states, int row, int from) {
    int hidden = call.in(2).dims[2];
    var before = java.util.Arrays.copyOfRange(states, row * hidden, (row + 1) * hidden);
    var reset = new double[hidden];
    for (int i = 0; i < hidden; i++) {
      reset[i] = before[i] / (1 + Math.exp(-gate(call, from, before, hidden + i)));
    }
    var next = new double[hidden];
    for (int i = 0; i < hidden; i++) {
      double update = 1 / (1 + Math.exp(-gate(call, from, before, i)));
      double fresh = Math.tanh(gate(call, from, reset, 2 * hidden + i));
      next[i] = (1 - update) * fresh + update * before[i];
    }
    return next;
  }

  private static double gate(Call call, int from, double[] before, int row) {
    int in = call.in(0).dims[2];
    double sum = 0;
    for (int k = 0; k < in; k++) {
      sum += call.in(0).data[from + k] * call.in(1).data[row * in + k];
    }
    for (int k = 0; k < before.length; k++) {
      sum += before[k] * call.in(2).data[row * before.length + k];
    }
    return sum;
  }
}
