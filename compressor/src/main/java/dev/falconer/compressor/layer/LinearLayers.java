package dev.falconer.compressor.layer;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds linear layers: MatMul with a constant right side and Gemm with a constant B, float32, two
 * axes. A constant that anything else reads too (a tied embedding table) is left out, since
 * changing it would change more than the layer.
 */
public final class LinearLayers {
  private LinearLayers() {}

  /** Returns the layers of a model whose metadata give its inputs' roles. */
  public static List<LinearLayer> of(Model model) {
    return of(model.graph(), candidateInputs(model));
  }

  /** Returns the layers in the order of their constants. */
  public static List<LinearLayer> of(Graph graph, Set<String> candidateInputs) {
    Set<String> candidateSide = reached(graph, candidateInputs);
    Map<String, List<Node>> readers = graph.consumers();
    var layers = new ArrayList<LinearLayer>();
    graph
        .initializers()
        .forEach((name, weight) -> {
          List<Node> uses = readers.getOrDefault(name, List.of());
          if (isMatrix(weight) && isLinear(name, uses)) {
            layers.add(layer(name, weight.shape(), uses, candidateSide));
          }
        });
    return List.copyOf(layers);
  }

  private static boolean isMatrix(TensorData weight) {
    return weight.dtype() == DType.FLOAT32 && weight.shape().rank() == 2;
  }

  private static boolean isLinear(String weight, List<Node> uses) {
    return !uses.isEmpty()
        && uses.stream()
            .allMatch(node ->
                node.input(1).equals(weight)
                    && isPlain(node)
                    && isOutIn(node) == isOutIn(uses.getFirst()));
  }

  private static LinearLayer layer(
      String weight, Shape shape, List<Node> uses, Set<String> candidateSide) {
    boolean isOutIn = isOutIn(uses.getFirst());
    return new LinearLayer(
        weight,
        isOutIn,
        (int) shape.dim(isOutIn ? 0 : 1),
        (int) shape.dim(isOutIn ? 1 : 0),
        uses.stream().map(node -> tap(node, candidateSide)).toList());
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

  private static LinearLayer.Tap tap(Node node, Set<String> candidateSide) {
    return new LinearLayer.Tap(node.name(), node.input(0), candidateSide.contains(node.input(0)));
  }

  private static boolean isOutIn(Node node) {
    return node.is("Gemm") && node.intAttribute("transB", 0) != 0;
  }

  private static boolean isPlain(Node node) {
    return node.is("MatMul")
        || (node.is("Gemm")
            && node.intAttribute("transA", 0) == 0
            && node.floatAttribute("alpha", 1) == 1);
  }
}
