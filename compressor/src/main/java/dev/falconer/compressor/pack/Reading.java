package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the float tensors of a graph hold, found in one walk from the inputs. Rows are all axes but
 * the last; operators that compute every row by itself give terms of its terms, wherever its
 * elements lie; what any other operator gives is a new term that nothing is known of.
 *
 * @param placed by tensor
 */
record Reading(Facts facts, Map<String, Placed> placed) {
  static Reading of(Facts facts) {
    var placed = new HashMap<String, Placed>();
    for (ValueInfo input : facts.model().graph().inputs()) {
      leaf(facts, input.name()).ifPresent(leaf -> placed.put(input.name(), leaf));
    }
    for (Node node : facts.model().graph().nodes()) {
      var step = new Step(facts, placed, node);
      List<Optional<Placed>> results = node.is("Split") ? Views.split(step) : List.of(rule(step));
      for (int i = 0; i < node.outputs().size(); i++) {
        String output = node.outputs().get(i);
        Optional<Placed> known = i < results.size() ? results.get(i) : Optional.empty();
        known.or(() -> leaf(facts, output)).ifPresent(found -> placed.put(output, found));
      }
    }
    return new Reading(facts, placed);
  }

  private static Optional<Placed> rule(Step step) {
    String domain = step.node().domain();
    if (!domain.isEmpty() && !domain.equals("ai.onnx") && !domain.equals("com.microsoft")) {
      return Optional.empty();
    }
    Optional<Placed> fused =
        Multiplying.of(step).or(() -> FusedAttention.of(step)).or(() -> Activations.of(step));
    return fused.isPresent() || domain.equals("com.microsoft")
        ? fused
        : Views.of(step)
            .or(() -> Arithmetic.of(step))
            .or(() -> Normalising.of(step))
            .or(() -> Attending.of(step));
  }

  /** Returns a tensor as a term that nothing is known of. */
  static Optional<Placed> leaf(Facts facts, String value) {
    return facts
        .lengths(value)
        .filter(lengths -> !lengths.isEmpty() && facts.is(value, DType.FLOAT32))
        .map(Arrangement::ofRows)
        .map(at -> Placed.of(new Term(value, at, new Form.Leaf())));
  }
}
