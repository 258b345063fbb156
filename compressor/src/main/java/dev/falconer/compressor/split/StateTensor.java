package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.SplitRefusal;
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
 * @param shape lengths, -1 for the history axis
 * @param historyAxis axis that grows with the history, or -1
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
    for (int i = 0; i < lengths.size(); i++) {
      Poly length = lengths.get(i);
      if (length.isInteger()) {
        shape.add(length.integer());
        continue;
      }
      String symbol = length.symbols().iterator().next();
      if (historyAxis >= 0
          || !length.minus(Poly.symbol(symbol)).isInteger()
          || length.constant() < 0) {
        throw new SplitRefusal(
            SplitRefusal.Code.UNSUPPORTED_OP,
            null,
            -1,
            "state tensor \"" + value + "\" has shape " + lengths,
            "a state tensor may have one axis that grows with the history, by one per event");
      }
      historyAxis = i;
      extra = Math.toIntExact(length.constant());
      shape.add(-1L);
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
    long size = dtype.bytes();
    for (long length : shape) {
      size *= length < 0 ? events + historyExtra : length;
    }
    return size;
  }
}
