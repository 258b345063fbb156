package dev.falconer.compressor.structure;

import dev.falconer.compressor.layer.Constants;
import dev.falconer.compressor.onnx.Attribute;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The shapes of a model's values, and the bounds of its slices, as a run gave them.
 *
 * @param byValue of every value around the operators that have a rule
 * @param bounds integers that Slice nodes read, where they are computed
 */
public record Shapes(Map<String, Shape> byValue, Map<String, List<Long>> bounds) {
  private static final String SHAPE = "/falconer.shape";
  private static final String BOUNDS = "/falconer.bounds";

  /** Copies the maps. */
  public Shapes {
    byValue = Map.copyOf(byValue);
    bounds = Map.copyOf(bounds);
  }

  /**
   * Runs the model once, with the shapes of its values as outputs.
   *
   * @param feed of all its inputs
   */
  public static Shapes of(Model model, Runner.Factory runners, Map<String, TensorData> feed) {
    Graph graph = model.graph();
    var shapes = new HashMap<String, Shape>();
    var bounds = new HashMap<String, List<Long>>();
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
    if (values.isEmpty()) {
      return new Shapes(shapes, bounds);
    }
    Set<String> computed = sliced(graph);
    computed.retainAll(values);
    try (Runner runner = runners.open(tapped(model, values, computed))) {
      runner
          .run(feed)
          .forEach((name, found) -> {
            long[] numbers = ((NumericTensor) found).toLongs();
            if (name.endsWith(SHAPE)) {
              shapes.put(name.substring(0, name.length() - SHAPE.length()), Shape.of(numbers));
            } else {
              bounds.put(
                  name.substring(0, name.length() - BOUNDS.length()),
                  Arrays.stream(numbers).boxed().toList());
            }
          });
    }
    return new Shapes(shapes, bounds);
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

  private static Set<String> sliced(Graph graph) {
    var bounds = new LinkedHashSet<String>();
    for (Node node : graph.nodes()) {
      if (node.is("Slice") && node.inputs().size() > 1) {
        bounds.addAll(node.inputs().subList(1, node.inputs().size()));
      }
    }
    return bounds;
  }

  private static Model tapped(Model model, Set<String> values, Set<String> bounds) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    List<ValueInfo> outputs = new ArrayList<>();
    for (String value : values) {
      String name = value + SHAPE;
      nodes.add(Node.of(name, "Shape", List.of(value), List.of(name), Map.of()));
      outputs.add(new ValueInfo(name, DType.INT64, null));
    }
    for (String value : bounds) {
      String name = value + BOUNDS;
      Map<String, Attribute> to = Map.of("to", Attribute.of(DType.INT64.onnx()));
      nodes.add(Node.of(name, "Cast", List.of(value), List.of(name), to));
      outputs.add(new ValueInfo(name, DType.INT64, null));
    }
    return model.withGraph(
        new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes));
  }
}
