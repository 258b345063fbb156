package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model whose outputs are some of its values. */
final class TappedModel {
  private TappedModel() {}

  /**
   * Returns the part of the model that gives the values, and no more.
   *
   * @param values types by name
   */
  static Model of(Model model, Map<String, DType> values) {
    Graph graph = model.graph();
    var types = new LinkedHashMap<>(values);
    graph.inputs().forEach(input -> types.remove(input.name()));
    var outputs = new ArrayList<ValueInfo>();
    types.forEach((name, type) -> outputs.add(new ValueInfo(name, type, null)));
    if (outputs.isEmpty()) {
      outputs.addAll(graph.outputs()); // all layers read inputs directly; a graph needs an output
    }
    return new RemoveDead()
        .apply(
            model.withGraph(
                new Graph(
                    graph.name(), graph.inputs(), outputs, graph.initializers(), graph.nodes())));
  }
}
