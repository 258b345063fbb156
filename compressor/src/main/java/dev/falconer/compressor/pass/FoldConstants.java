package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Computes what depends on constants alone, by the runtime that will serve the graph.
 *
 * <pre>
 * W ─ Transpose ─ V ─┐               before
 * x ─────────────── MatMul ─ y
 * V ─┐                               after
 * x ─ MatMul ─ y
 * </pre>
 *
 * Quantised weights are not unpacked, and results that are much larger than what they come from
 * stay computed.
 */
public record FoldConstants(Roles roles, Layout layout, Runner.Factory runners) implements Pass {
  private static final Set<String> KEPT =
      Set.of("QuantizeLinear", "DequantizeLinear", "ConstantOfShape", "Expand", "Tile", "Range");

  @Override
  public Model apply(Model model) {
    Graph graph = withoutConstantNodes(model.graph());
    Model plain = graph.equals(model.graph()) ? model : model.withGraph(graph);
    Set<String> constants = new HashSet<>(graph.initializers().keySet());
    var computed = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      boolean constant =
          !node.inputs().isEmpty()
              && node.inputs().stream().allMatch(in -> in.isEmpty() || constants.contains(in));
      if (constant && !KEPT.contains(node.type())) {
        computed.add(node);
        constants.addAll(node.outputs());
      }
    }
    return computed.isEmpty() ? plain : plain.withGraph(folded(plain, computed));
  }

  private Graph folded(Model model, List<Node> computed) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    Set<String> read = new HashSet<>();
    graph.outputs().forEach(output -> read.add(output.name()));
    graph.nodes().stream()
        .filter(node -> !computed.contains(node))
        .forEach(node -> read.addAll(node.inputs()));
    var outputs = new ArrayList<ValueInfo>();
    for (Node node : computed) {
      for (String output : node.outputs()) {
        if (read.contains(output)) {
          outputs.add(new ValueInfo(output, analysis.get(output).dtype(), null));
        }
      }
    }
    var alone =
        new Graph(graph.name(), List.of(), outputs, graph.initializers(), List.copyOf(computed));
    Map<String, TensorData> values;
    try (Runner runner = runners.open(new RemoveDead().apply(model.withGraph(alone)))) {
      values = outputs.isEmpty() ? Map.of() : runner.run(Map.of());
    }
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (!computed.contains(node)) {
        rewrite.keep(node);
        continue;
      }
      rewrite.drop();
      for (String output : node.outputs()) {
        if (read.contains(output)) {
          rewrite.define(output, Objects.requireNonNull(values.get(output)));
        }
      }
    }
    return rewrite.done();
  }

  private static Graph withoutConstantNodes(Graph graph) {
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (node.is("Constant")
          && node.attributes().get("value") instanceof Attribute.TensorAttr(TensorData value)) {
        rewrite.define(node.output(), value);
      } else {
        rewrite.keep(node);
      }
    }
    return rewrite.done();
  }
}
