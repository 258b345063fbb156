package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.Constants;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The shapes of a model's values as a run gave them.
 *
 * @param byValue of every value around the operators that have a rule
 */
public record Shapes(Map<String, Shape> byValue) {
  private static final String SUFFIX = "/falconer.shape";

  /** Copies the map. */
  public Shapes {
    byValue = Map.copyOf(byValue);
  }

  /**
   * Runs the model once, with the shapes of its values as outputs.
   *
   * @param feed of all its inputs
   */
  public static Shapes of(Model model, Runner.Factory runners, Map<String, TensorData> feed) {
    Graph graph = model.graph();
    var shapes = new HashMap<String, Shape>();
    Constants.of(graph).forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    for (ValueInfo input : graph.inputs()) {
      TensorData fed = feed.get(input.name());
      if (fed == null) {
        throw new IllegalArgumentException("the example lacks input \"" + input.name() + "\"");
      }
      shapes.put(input.name(), fed.shape());
    }
    Set<String> values = around(graph);
    values.removeAll(shapes.keySet());
    if (!values.isEmpty()) {
      try (Runner runner = runners.open(tapped(model, values))) {
        runner
            .run(feed)
            .forEach((name, lengths) -> {
              if (lengths instanceof NumericTensor numbers) {
                shapes.put(
                    name.substring(0, name.length() - SUFFIX.length()),
                    Shape.of(numbers.toLongs()));
              }
            });
      }
    }
    return new Shapes(shapes);
  }

  private static Set<String> around(Graph graph) {
    var values = new LinkedHashSet<String>();
    for (Node node : graph.nodes()) {
      if (Rules.has(node)) {
        values.addAll(node.inputs());
        values.addAll(node.outputs());
      }
    }
    values.remove("");
    return values;
  }

  private static Model tapped(Model model, Set<String> values) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    List<ValueInfo> outputs = new ArrayList<>();
    for (String value : values) {
      String name = value + SUFFIX;
      nodes.add(Node.of(name, "Shape", List.of(value), List.of(name), Map.of()));
      outputs.add(new ValueInfo(name, DType.INT64, null));
    }
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes));
  }
}
