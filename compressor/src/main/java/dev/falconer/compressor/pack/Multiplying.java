package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Node;
import java.util.Map;
import java.util.Optional;

/** Products of rows with constant weights, and what fused operators add to them. */
final class Multiplying {
  private static final Map<String, String> ACTIVATIONS =
      Map.of("Relu", "relu", "Sigmoid", "sigmoid", "Tanh", "tanh");

  private static final int GEMM_BIAS = 2;
  private static final int NBITS_BIAS = 5;

  private Multiplying() {}

  static Optional<Placed> of(Step step) {
    Weight weight = step.facts().weights().get(step.node().name());
    if (weight == null) {
      return step.node().is("MatMul") ? Attending.multiplied(step) : Optional.empty();
    }
    return step.in(0)
        .filter(rows -> fits(rows, weight))
        .or(() -> Reading.leaf(step.facts(), step.node().input(0)))
        .filter(rows -> fits(rows, weight) && step.node().intAttribute("transA", 0) == 0)
        .flatMap(rows -> followed(step, weight, rows));
  }

  private static boolean fits(Placed rows, Weight weight) {
    return rows.at().isFlat() && rows.at().features().equals(Optional.of(weight.in()));
  }

  private static Optional<Placed> followed(Step step, Weight weight, Placed rows) {
    Node node = step.node();
    Arrangement at = rows.at().withFeatures(weight.out());
    Term in = Step.term(node.input(0), rows);
    Placed product =
        step.result(at, new Form.Linear(in, new Form.Rows(node.input(0), rows.at()), weight));
    int bias = node.type().equals("MatMulNBits") ? NBITS_BIAS : GEMM_BIAS;
    boolean hasBias = !node.is("MatMul") && !node.type().equals("FusedMatMul") && step.has(bias);
    Optional<Placed> sum = hasBias ? biased(step, weight, product, bias) : Optional.of(product);
    String activation = node.textAttribute("activation", "");
    if (activation.isEmpty()) {
      return sum.map(placed -> ofNode(step, placed));
    }
    return sum.filter(_ -> ACTIVATIONS.containsKey(activation))
        .map(placed ->
            step.result(
                at, new Form.Active(ACTIVATIONS.getOrDefault(activation, ""), placed.term())));
  }

  /** Returns a product inside the node and its bias. */
  private static Optional<Placed> biased(Step step, Weight weight, Placed product, int index) {
    String bias = step.node().input(index);
    double beta = step.node().floatAttribute("beta", 1);
    Term inner = named(step, product.term(), "#product");
    Optional<Term> sum =
        step.facts().isVector(bias, weight.out())
            ? Optional.of(
                new Term(
                    step.node().output() + "#sum",
                    product.at(),
                    new Form.Shifted(inner, bias, beta)))
            : step.scalar(index)
                .map(c ->
                    new Term(
                        step.node().output() + "#sum",
                        product.at(),
                        new Form.Of(Placed.of(inner).with(Polynomial.X.plus(c * beta)))));
    return sum.map(Placed::of);
  }

  private static Term named(Step step, Term term, String suffix) {
    return new Term(step.node().output() + suffix, term.at(), term.form());
  }

  /** Returns what the node's result holds. */
  private static Placed ofNode(Step step, Placed inside) {
    return step.result(inside.at(), inside.term().form());
  }
}
