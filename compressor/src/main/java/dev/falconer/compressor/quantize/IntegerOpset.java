package dev.falconer.compressor.quantize;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The operator set that integer arithmetic needs. */
final class IntegerOpset {
  /** The first with QuantizeLinear and MatMulInteger. */
  private static final long NEEDED = 10;

  /** The first from which what is not {@link #CHANGED} means the same as today. */
  private static final long OLDEST = 7;

  /** Operators that sets 8 to 10 gave another form. */
  private static final Set<String> CHANGED = Set.of("Slice", "TopK", "Upsample", "Scan");

  private IntegerOpset() {}

  /**
   * Returns the model under a set that has the operators, its nodes as they are.
   *
   * @throws IllegalArgumentException naming the node that would mean something else then
   */
  static Model of(Model model) {
    if (model.opset() >= NEEDED) {
      return model;
    }
    check(model, model.graph());
    Map<String, Long> opsets = new TreeMap<>(model.opsets());
    opsets.remove("ai.onnx");
    opsets.put("", NEEDED);
    return new Model(model.graph(), model.irVersion(), opsets, model.metadata());
  }

  private static void check(Model model, Graph graph) {
    for (Node node : graph.nodes()) {
      if (model.opset() < OLDEST
          || CHANGED.contains(node.type())
          || node.attributes().containsKey("spatial")) {
        throw new IllegalArgumentException(
            "int8 needs operator set %d, the model has %d, in which \"%s\" (%s) has another form:"
                    .formatted(NEEDED, model.opset(), node.name(), node.type())
                + " export it with a newer one");
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.GraphAttr(Graph body)) {
          check(model, body);
        }
      }
    }
  }
}
