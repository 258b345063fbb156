package dev.falconer.compressor.pack;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node and what its operands hold. */
record Step(Facts facts, Map<String, Placed> placed, Node node) {
  Optional<Placed> in(int index) {
    return Optional.ofNullable(placed.get(node.input(index)));
  }

  boolean has(int index) {
    return !node.input(index).isEmpty();
  }

  /**
   * Returns an operand as a term, which is one of its own where the operand is a polynomial of
   * another.
   */
  Optional<Term> term(int index) {
    return in(index).map(operand -> term(node.input(index), operand));
  }

  static Term term(String value, Placed operand) {
    return operand.isTerm() ? operand.term() : new Term(value, operand.at(), new Form.Of(operand));
  }

  Optional<Double> scalar(int index) {
    return has(index) ? facts.scalar(node.input(index)) : Optional.empty();
  }

  /** Returns the lengths of the first result. */
  Optional<List<Poly>> lengths() {
    return facts.lengths(node.output());
  }

  /** Returns the first result as a term of its own. */
  Placed result(Arrangement at, Form form) {
    return Placed.of(new Term(node.output(), at, form));
  }

  /** Returns constant integers of an operand, or of an attribute in older operator sets. */
  Optional<long[]> integers(String attribute, int index) {
    if (node.attributes().containsKey(attribute)) {
      return Optional.of(node.intsAttribute(attribute));
    }
    return facts
        .integers(node.input(index))
        .filter(values -> values.stream().allMatch(Poly::isInteger))
        .map(values -> values.stream().mapToLong(Poly::integer).toArray());
  }
}
