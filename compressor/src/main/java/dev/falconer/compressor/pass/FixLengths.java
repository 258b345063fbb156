package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis.FixedLength;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Declares lengths that a node fixes: an exporter may name an axis and trace it all the same.
 *
 * <pre>
 * history [B, n] ─ Reshape [-1, 7] ─ y        before
 * history [B, 7] ─ Reshape [-1, 7] ─ y        after
 * </pre>
 */
public record FixLengths(List<FixedLength> fixed) implements Pass {
  /** Copies the list. */
  public FixLengths {
    fixed = List.copyOf(fixed);
  }

  @Override
  public Model apply(Model model) {
    var lengths = new HashMap<String, Long>();
    for (FixedLength each : fixed) {
      if (each.value().isInteger()) {
        lengths.put(each.length(), each.value().integer());
      }
    }
    if (lengths.isEmpty()) {
      return model;
    }
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.inputs().stream().map(input -> fixed(input, lengths)).toList(),
            graph.outputs(),
            graph.initializers(),
            graph.nodes()));
  }

  private static ValueInfo fixed(ValueInfo input, Map<String, Long> lengths) {
    List<Dim> dims = input.dims();
    return dims == null
        ? input
        : new ValueInfo(
            input.name(), input.dtype(), dims.stream().map(dim -> fixed(dim, lengths)).toList());
  }

  private static Dim fixed(Dim dim, Map<String, Long> lengths) {
    return dim instanceof Dim.Symbol(String name) && lengths.containsKey(name)
        ? new Dim.Fixed(lengths.get(name))
        : dim;
  }
}
