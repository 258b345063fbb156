package dev.falconer.compressor.layer;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds linear layers: MatMul, Gemm and Conv with a constant weight, their fused forms, and the
 * packed projections of com.microsoft's Attention. A constant that anything else reads too (a tied
 * embedding table) is left alone, since changing it would change more than the layer.
 */
public final class LinearLayers {
  private LinearLayers() {}

  /**
   * Returns all linear maps of any model's graph.
   *
   * @param candidateInputs inputs whose descendants are the candidates' side; all inputs, or none,
   *     where a model has no sides
   */
  public static Found find(Graph graph, Set<String> candidateInputs) {
    return new Search(graph, reached(graph, candidateInputs)).found();
  }

  /** Returns the plain layers of a model whose metadata give its inputs' roles. */
  public static List<LinearLayer> of(Model model) {
    return of(model.graph(), candidateInputs(model));
  }

  /**
   * Returns the layers that are a float32 initialiser of two axes read by MatMul or Gemm as it
   * lies: rows of their inputs are the last axis.
   */
  public static List<LinearLayer> of(Graph graph, Set<String> candidateInputs) {
    Map<String, Node> nodes =
        graph.nodes().stream().collect(Collectors.toMap(Node::name, node -> node, (a, _) -> a));
    return find(graph, candidateInputs).layers().stream()
        .filter(layer -> isPlain(layer, graph, nodes))
        .toList();
  }

  private static boolean isPlain(LinearLayer layer, Graph graph, Map<String, Node> nodes) {
    var constant = graph.initializers().get(layer.weight());
    return constant != null
        && constant.dtype() == DType.FLOAT32
        && constant.shape().rank() == 2
        && layer.scale() == 1
        && layer.taps().stream()
            .map(tap -> nodes.get(tap.node()))
            .allMatch(node ->
                node != null
                    && node.input(Product.WEIGHT).equals(layer.weight())
                    && (node.is("MatMul")
                        || (node.is("Gemm") && node.intAttribute("transA", 0) == 0)));
  }

  /** Returns the names of the inputs of role CANDIDATE. */
  public static Set<String> candidateInputs(Model model) {
    Roles roles = Roles.of(model);
    if (roles.byInput().isEmpty()) {
      throw new IllegalArgumentException(
          "the model carries no \""
              + Roles.METADATA
              + "\": which inputs are the candidates'? Add it to the metadata as a JSON object of"
              + " input name to USER, LENGTH, CANDIDATE or CONTEXT");
    }
    var candidates = new HashSet<>(roles.byInput().keySet());
    candidates.removeIf(input -> roles.of(input) != Roles.Role.CANDIDATE);
    return candidates;
  }

  /** Returns all values that depend on the inputs by more than their shape. */
  private static Set<String> reached(Graph graph, Set<String> inputs) {
    var reached = new HashSet<>(inputs);
    for (Node node : graph.nodes()) {
      if (!node.is("Shape")
          && !node.is("Size")
          && node.inputs().stream().anyMatch(reached::contains)) {
        reached.addAll(node.outputs());
      }
    }
    return reached;
  }
}
