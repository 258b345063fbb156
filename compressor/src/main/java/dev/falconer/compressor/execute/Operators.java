package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what each node computes. */
final class Operators {
  private Operators() {}

  /**
   * Returns the operator of every node by the node's first output.
   *
   * @throws IllegalArgumentException listing every operator of the graph that is missing here, with
   *     a node that uses it
   */
  static Map<String, Operator> of(Graph graph) {
    var found = new HashMap<String, Operator>();
    var missing = new ArrayList<String>();
    var types = new TreeSet<String>();
    for (Node node : graph.nodes()) {
      if (node.is("Constant")) {
        continue;
      }
      Operator operator = find(node);
      if (operator != null) {
        found.put(node.output(), operator);
      } else if (types.add(node.domain() + ":" + node.type())) {
        String domain = node.domain().isEmpty() ? "" : node.domain() + ".";
        missing.add(domain + node.type() + " (node \"" + node.name() + "\")");
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot train graph \""
              + graph.name()
              + "\": it uses operators without a libtorch counterpart here: "
              + String.join(", ", missing)
              + ". Export it without them, or fold them away.");
    }
    return found;
  }

  private static @Nullable Operator find(Node node) {
    if (node.domain().equals("ai.onnx.ml")) {
      return Labels.find(node);
    }
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      return null;
    }
    Operator operator =
        Stream.<Function<Node, @Nullable Operator>>of(
                Elementwise::find,
                Logic::find,
                Reductions::find,
                Products::find,
                Normalisation::find,
                Shaping::find,
                Indexing::find,
                Quantisation::find)
            .map(family -> family.apply(node))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    return operator == null ? null : ShapeArithmetic.before(node, operator);
  }
}
