package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes equal things once: nodes of one operator with equal attributes reading equal values, and
 * constants of equal content.
 *
 * <pre>
 * h ─┬ MatMul W ─ a ─┐               before; V has W's content
 *    └ MatMul V ─ b ─┴ Add ─ y
 * h ── MatMul W ─ a ═══ Add ─ y      after
 * </pre>
 *
 * So a projection used twice is one tensor of the user's state.
 */
public record NumberValues() implements Pass {
  private record Value(
      String domain,
      String type,
      List<String> inputs,
      int outputs,
      Map<String, Attribute> attributes) {}

  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    var rewrite = new Rewrite(graph);
    var constants = new HashMap<TensorData, String>();
    graph
        .initializers()
        .forEach((name, tensor) -> {
          String first = constants.putIfAbsent(tensor, name);
          if (first != null) {
            rewrite.replace(name, first);
          }
        });
    var seen = new HashMap<Value, Node>();
    for (Node node : graph.nodes()) {
      List<String> inputs = node.inputs().stream().map(rewrite::now).toList();
      var value =
          new Value(node.domain(), node.type(), inputs, node.outputs().size(), node.attributes());
      Node first = repeatable(node) ? seen.putIfAbsent(value, node) : null;
      if (first == null || !sameOutputs(first, node)) {
        rewrite.keep(node);
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        rewrite.replace(node.outputs().get(i), first.outputs().get(i));
      }
    }
    return model.withGraph(rewrite.done());
  }

  private static boolean sameOutputs(Node first, Node node) {
    for (int i = 0; i < node.outputs().size(); i++) {
      if (first.outputs().get(i).isEmpty() != node.outputs().get(i).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static boolean repeatable(Node node) {
    return !node.type().startsWith("Random")
        && node.attributes().values().stream()
            .noneMatch(attribute -> attribute instanceof Attribute.GraphAttr)
        && !node.is("Multinomial")
        && !node.is("Bernoulli");
  }
}
