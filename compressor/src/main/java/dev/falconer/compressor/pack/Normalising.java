package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Node;
import java.util.Optional;

/** LayerNormalization, whole or as older operator sets write it. */
final class Normalising {
  private static final float USUAL_EPSILON = 1e-5f;

  private Normalising() {}

  static Optional<Placed> of(Step step) {
    return switch (step.node().type()) {
      case "LayerNormalization" -> norm(step);
      case "ReduceMean" -> mean(step);
      default -> Optional.empty();
    };
  }

  private static Optional<Placed> norm(Step step) {
    Node node = step.node();
    return step.in(0)
        .filter(in -> in.at().isFlat())
        .filter(in -> in.at().counted(node.intAttribute("axis", -1)) == in.at().rank() - 1)
        .filter(in ->
            in.at()
                .features()
                .filter(count -> step.facts().isVector(node.input(1), count))
                .filter(count -> !step.has(2) || step.facts().isVector(node.input(2), count))
                .isPresent())
        .map(in ->
            step.result(
                in.at(),
                new Form.Normed(
                    step.term(0).orElseThrow(),
                    node.input(1),
                    node.input(2),
                    node.floatAttribute("epsilon", USUAL_EPSILON))));
  }

  private static Optional<Placed> mean(Step step) {
    return step.in(0)
        .filter(in -> in.at().isFlat() && !in.at().isOne(-1))
        .filter(_ -> step.node().intAttribute("keepdims", 1) == 1)
        .filter(in ->
            step.integers("axes", 1)
                .filter(axes -> axes.length == 1 && in.at().counted(axes[0]) == in.at().rank() - 1)
                .isPresent())
        .map(in -> step.result(in.at().withFeatures(1), new Form.Mean(in)));
  }

  /**
   * Returns the norm that a quotient completes, or what was given.
   *
   * <pre>
   * d = x - mean x;   d / sqrt(mean d^2 + epsilon)
   * </pre>
   */
  static Placed recognised(Step step, Placed quotient) {
    if (quotient.term().form() instanceof Form.Binary(String type, Placed centred, Placed spread)
        && type.equals("Div")
        && centred.isTerm()
        && spread.isTerm()
        && spread.term().form() instanceof Form.Unary(String root, Placed variance)
        && root.equals("Sqrt")
        && variance.polynomial().at(1) == 1
        && variance.polynomial().coefficients().size() == 2
        && variance.term().form() instanceof Form.Mean(Placed squares)
        && squares.polynomial().equals(Polynomial.of(0, 0, 1))
        && isSame(squares.term(), centred.term())
        && centredOn(centred.term()).isPresent()) {
      Term x = centredOn(centred.term()).get();
      float epsilon = (float) variance.polynomial().at(0);
      return step.result(quotient.at(), new Form.Normed(x, "", "", epsilon));
    }
    return quotient;
  }

  private static boolean isSame(Term a, Term b) {
    return a.isSame(b)
        || (centredOn(a).isPresent()
            && centredOn(b).isPresent()
            && centredOn(a).get().isSame(centredOn(b).get()));
  }

  /** Returns x where a term is x less its mean. */
  private static Optional<Term> centredOn(Term term) {
    return term.form() instanceof Form.Binary(String type, Placed x, Placed mean)
            && type.equals("Sub")
            && x.isTerm()
            && mean.isTerm()
            && mean.term().form() instanceof Form.Mean(Placed of)
            && of.isTerm()
            && of.term().isSame(x.term())
        ? Optional.of(x.term())
        : Optional.empty();
  }
}
