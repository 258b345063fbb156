package dev.falconer.compressor.calibrate;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** A model whose outputs are some of its float32 values. */
final class TappedModel {
  private TappedModel() {}

  /** Returns the part of the model that gives the values, and no more. */
  static Model of(Model model, Set<String> values) {
    Graph graph = model.graph();
    var names = new LinkedHashSet<>(values);
    graph.inputs().forEach(input -> names.remove(input.name()));
    var outputs = new ArrayList<ValueInfo>();
    names.forEach(name -> outputs.add(new ValueInfo(name, DType.FLOAT32, null)));
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
