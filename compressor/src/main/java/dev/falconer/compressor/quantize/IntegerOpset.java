package dev.falconer.compressor.quantize;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.Map;
import java.util.Optional;
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
    reasonAgainst(model)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    Map<String, Long> opsets = new TreeMap<>(model.opsets());
    opsets.remove("ai.onnx");
    opsets.put("", NEEDED);
    return new Model(model.graph(), model.irVersion(), opsets, model.metadata());
  }

  /** Returns why a model cannot be brought under such a set; nothing where it can. */
  static Optional<String> reasonAgainst(Model model) {
    return model.opset() >= NEEDED ? Optional.empty() : reasonAgainst(model, model.graph());
  }

  private static Optional<String> reasonAgainst(Model model, Graph graph) {
    for (Node node : graph.nodes()) {
      if (model.opset() < OLDEST
          || CHANGED.contains(node.type())
          || node.attributes().containsKey("spatial")) {
        return Optional.of(
            "int8 needs operator set %d, the model has %d, in which \"%s\" (%s) has another form:"
                    .formatted(NEEDED, model.opset(), node.name(), node.type())
                + " export it with a newer one");
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.GraphAttr(Graph body)) {
          Optional<String> reason = reasonAgainst(model, body);
          if (reason.isPresent()) {
            return reason;
          }
        }
      }
    }
    return Optional.empty();
  }
}
