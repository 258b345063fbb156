package dev.falconer.compressor.layer;

import dev.falconer.compressor.layer.LinearLayer.Tap;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.pass.RemoveDead;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** One layer as a model of its own: what its nodes read of the others become inputs. */
public final class LayerAlone {
  private LayerAlone() {}

  /** Returns the values that vary which a layer's nodes read from other nodes or from the feeds. */
  public static Set<String> reads(Graph graph, LinearLayer layer) {
    Set<String> fixed = Constants.fixed(graph, Set.of());
    Set<String> own =
        nodes(graph, layer).stream()
            .flatMap(node -> node.outputs().stream())
            .collect(Collectors.toSet());
    var reads = new LinkedHashSet<String>();
    for (Node node : nodes(graph, layer)) {
      node.inputs().stream()
          .filter(input -> !input.isEmpty() && !fixed.contains(input) && !own.contains(input))
          .forEach(reads::add);
    }
    return reads;
  }

  /** Returns a model whose outputs are the values that layers read, of whatever type. */
  public static Model reading(Model model, List<LinearLayer> layers) {
    Graph graph = model.graph();
    var names = new LinkedHashSet<String>();
    layers.forEach(layer -> names.addAll(reads(graph, layer)));
    graph.inputs().forEach(input -> names.remove(input.name()));
    List<ValueInfo> outputs =
        names.stream().map(name -> new ValueInfo(name, DType.FLOAT32, null, false)).toList();
    return cut(model, graph.inputs(), outputs.isEmpty() ? graph.outputs() : outputs, Set.of());
  }

  /**
   * Returns the layer's nodes and the constants that they read.
   *
   * @param values of what the layer reads, for their types and shapes
   */
  public static Model of(Model model, LinearLayer layer, Map<String, TensorData> values) {
    Graph graph = model.graph();
    Set<String> reads = reads(graph, layer);
    List<ValueInfo> inputs =
        reads.stream()
            .map(name -> {
              TensorData value = Objects.requireNonNull(values.get(name), name);
              Object[] dims = Arrays.stream(value.shape().dims()).boxed().toArray();
              return ValueInfo.of(name, value.dtype(), dims);
            })
            .toList();
    List<ValueInfo> outputs =
        nodes(graph, layer).stream()
            .map(node -> new ValueInfo(node.output(), layer.dtype(), null))
            .toList();
    return cut(model, inputs, outputs, reads);
  }

  private static Model cut(
      Model model, List<ValueInfo> inputs, List<ValueInfo> outputs, Set<String> given) {
    Graph graph = model.graph();
    List<Node> others =
        graph.nodes().stream()
            .filter(node -> node.outputs().stream().noneMatch(given::contains))
            .toList();
    return new RemoveDead()
        .apply(
            model.withGraph(
                new Graph(graph.name(), inputs, outputs, graph.initializers(), others)));
  }

  private static List<Node> nodes(Graph graph, LinearLayer layer) {
    Set<String> names = layer.taps().stream().map(Tap::node).collect(Collectors.toSet());
    return graph.nodes().stream().filter(node -> names.contains(node.name())).toList();
  }
}
