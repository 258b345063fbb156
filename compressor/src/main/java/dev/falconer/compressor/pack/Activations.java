package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Node;
import java.util.Optional;

/** Activations, whole or as exporters take them apart. */
final class Activations {
  private static final double ROOT_HALF = Math.sqrt(.5);
  private static final double GELU_LINEAR = Math.sqrt(2 / Math.PI);
  private static final double GELU_CUBIC = GELU_LINEAR * .044715;

  private Activations() {}

  /** Returns what one operator is. */
  static Optional<Placed> of(Step step) {
    Node node = step.node();
    String approximate = node.textAttribute("approximate", "none");
    return switch (node.type()) {
      case "Gelu" ->
          Optional.of(active(step, approximate.equals("tanh") ? "gelu_tanh" : "gelu"))
              .filter(_ -> step.in(0).isPresent());
      case "Swish" ->
          step.in(0)
              .filter(_ -> node.floatAttribute("alpha", 1) == 1)
              .map(_ -> active(step, "silu"));
      case "FastGelu", "BiasGelu" -> biased(step);
      default -> Optional.empty();
    };
  }

  /** Of com.microsoft: a bias [features], which FastGelu may lack, and Gelu. */
  private static Optional<Placed> biased(Step step) {
    String activation = step.node().type().equals("FastGelu") ? "gelu_tanh" : "gelu";
    if (step.in(0).isEmpty()) {
      return Optional.empty();
    }
    if (!step.has(1)) {
      return Optional.of(active(step, activation));
    }
    Placed in = step.in(0).get();
    String bias = step.node().input(1);
    boolean fits =
        in.at().isFlat()
            && in.at().features().filter(count -> step.facts().isVector(bias, count)).isPresent();
    String sum = step.node().output() + "#bias";
    Term term = step.term(0).orElseThrow();
    return fits
        ? Optional.of(
            step.result(
                in.at(),
                new Form.Active(
                    activation, new Term(sum, in.at(), new Form.Shifted(term, bias, 1)))))
        : Optional.empty();
  }

  /** Returns an operand's activation as the node's result. */
  static Placed active(Step step, String activation) {
    Placed in = step.in(0).orElseThrow();
    return step.result(in.at(), new Form.Active(activation, step.term(0).orElseThrow()));
  }

  /** Returns an activation that a product completes, or the product. */
  static Placed recognised(Step step, Placed product) {
    Optional<Double> factor = product.polynomial().factor();
    if (factor.isEmpty()
        || !(product.term().form() instanceof Form.Binary(String type, Placed a, Placed b))
        || !type.equals("Mul")) {
      return product;
    }
    return gated(a, b, factor.get())
        .or(() -> gated(b, a, factor.get()))
        .map(form -> step.result(product.at(), form))
        .orElse(product);
  }

  /** Returns the activation that factor x gate(x) is. */
  private static Optional<Form> gated(Placed value, Placed gate, double factor) {
    Optional<Double> own = value.polynomial().factor();
    if (own.isEmpty() || !value.at().equals(gate.at())) {
      return Optional.empty();
    }
    Polynomial scaled = gate.polynomial().times(factor * own.get());
    Term x = value.term();
    return switch (gate.term().form()) {
      case Form.Active(String activation, Term of)
          when activation.equals("sigmoid") && of.isSame(x) && scaled.isAbout(0, 1) ->
          Optional.of(new Form.Active("silu", x));
      case Form.Unary(String operator, Placed of)
          when of.term().isSame(x) && scaled.isAbout(.5, .5) ->
          gelu(operator, of.polynomial()).map(name -> new Form.Active(name, x));
      default -> Optional.empty();
    };
  }

  private static Optional<String> gelu(String operator, Polynomial argument) {
    if (operator.equals("Erf") && argument.isAbout(0, ROOT_HALF)) {
      return Optional.of("gelu");
    }
    return operator.equals("Tanh") && argument.isAbout(0, GELU_LINEAR, 0, GELU_CUBIC)
        ? Optional.of("gelu_tanh")
        : Optional.empty();
  }
}
