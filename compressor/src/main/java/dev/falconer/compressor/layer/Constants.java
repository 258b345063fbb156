package dev.falconer.compressor.layer;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors that lie in a graph: its initialisers and the outputs of Constant nodes. */
public final class Constants {
  private static final String VALUE = "value";

  private Constants() {}

  /** Returns all by name. */
  public static Map<String, TensorData> of(Graph graph) {
    Map<String, TensorData> all = new HashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      if (node.is("Constant")
          && node.attributes().get(VALUE) instanceof Attribute.TensorAttr(TensorData value)) {
        all.put(node.output(), value);
      }
    }
    return all;
  }

  /** Returns the graph with other tensors in the places of those of the same names. */
  static Graph replaced(Graph graph, Map<String, TensorData> others) {
    Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
    others.forEach((name, value) -> initializers.computeIfPresent(name, (_, _) -> value));
    var nodes =
        graph.nodes().stream()
            .map(node ->
                node.is("Constant") && others.containsKey(node.output())
                    ? node.withAttributes(Map.of(VALUE, Attribute.of(others.get(node.output()))))
                    : node)
            .toList();
    return graph.withInitializers(initializers).withNodes(nodes);
  }

  /**
   * Returns the names of all values that depend on nothing that is fed or drawn.
   *
   * @param around such values of the graph around a body
   */
  public static Set<String> fixed(Graph graph, Set<String> around) {
    Set<String> fixed = new HashSet<>(around);
    fixed.addAll(graph.initializers().keySet());
    for (Node node : graph.nodes()) {
      boolean isFixed =
          node.is("Constant")
              || (!node.inputs().isEmpty()
                  && node.inputs().stream().allMatch(in -> in.isEmpty() || fixed.contains(in))
                  && !isDrawn(node));
      if (isFixed) {
        fixed.addAll(node.outputs());
      }
    }
    fixed.remove("");
    return fixed;
  }

  /** Bodies may read what varies; random numbers vary. */
  private static boolean isDrawn(Node node) {
    return node.type().startsWith("Random")
        || node.type().equals("Multinomial")
        || node.type().equals("Bernoulli")
        || node.attributes().values().stream().anyMatch(Attribute.GraphAttr.class::isInstance);
  }
}
