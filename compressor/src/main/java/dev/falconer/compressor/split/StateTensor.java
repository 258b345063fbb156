package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A tensor of the user's state: output of the user graph, input of the candidate graph.
 *
 * @param name of the tensor in both graphs
 * @param value name in the whole graph; differs for a raw user column
 * @param shape lengths, -1 for those that depend on the history
 * @param historyAxis the one axis that grows with the history, or -1 where none or several do
 * @param historyExtra its length less the number of events: 1 with a null key
 * @param lengths symbolic lengths
 */
public record StateTensor(
    String name,
    String value,
    DType dtype,
    List<Long> shape,
    int historyAxis,
    int historyExtra,
    List<Poly> lengths) {
  /** Copies the lists. */
  public StateTensor {
    shape = List.copyOf(shape);
    lengths = List.copyOf(lengths);
  }

  static StateTensor of(String name, String value, Known known, Map<String, Poly> single) {
    var shape = new ArrayList<Long>();
    var lengths = known.axes().stream().map(Axis::length).map(p -> p.with(single)).toList();
    int historyAxis = -1;
    int extra = 0;
    int named = 0;
    for (int i = 0; i < lengths.size(); i++) {
      Poly length = lengths.get(i);
      if (length.isInteger()) {
        shape.add(length.integer());
        continue;
      }
      String symbol = length.symbols().iterator().next();
      boolean one = length.minus(Poly.symbol(symbol)).isInteger() && length.constant() >= 0;
      shape.add(-1L);
      if (named++ > 0 || !one) {
        historyAxis = -1;
        extra = 0;
        continue;
      }
      historyAxis = i;
      extra = Math.toIntExact(length.constant());
    }
    return new StateTensor(name, value, known.dtype(), shape, historyAxis, extra, lengths);
  }

  /** Returns the declaration in both graphs. */
  ValueInfo info() {
    return new ValueInfo(name, dtype, lengths.stream().map(StateTensor::dim).toList());
  }

  static Dim dim(Poly length) {
    return length.isInteger() ? new Dim.Fixed(length.integer()) : new Dim.Symbol(length.toString());
  }

  /** Returns bytes per user with the given number of events. */
  public long bytes(long events) {
    double size = dtype.bytes();
    for (Poly length : lengths) {
      var at = new java.util.HashMap<String, Long>();
      length.symbols().forEach(symbol -> at.put(symbol, events));
      size *= length.at(at);
    }
    return Math.round(size);
  }
}
