package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.pack.Atom.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators of single elements. */
final class Arithmetic {
  private Arithmetic() {}

  static Optional<Placed> of(Step step) {
    Node node = step.node();
    return switch (node.type()) {
      case "Add", "Sub", "Mul", "Div" -> binary(step);
      case "Sum" -> node.inputs().size() == 2 ? binary(step) : Optional.empty();
      case "Pow" -> power(step);
      case "Neg" -> step.in(0).map(in -> in.with(in.polynomial().times(-1)));
      case "Sqrt", "Erf", "Sigmoid", "Tanh", "Relu" -> unary(step);
      default -> Optional.empty();
    };
  }

  private static Optional<Placed> unary(Step step) {
    String type = step.node().type();
    boolean isTerm = step.in(0).filter(Placed::isTerm).isPresent();
    boolean isActivation = !type.equals("Sqrt") && !type.equals("Erf");
    return step.in(0)
        .map(in ->
            isActivation && (isTerm || type.equals("Relu"))
                ? Activations.active(step, type.toLowerCase(java.util.Locale.ROOT))
                : step.result(in.at(), new Form.Unary(type, in)));
  }

  private static Optional<Placed> power(Step step) {
    return step.in(0)
        .flatMap(in ->
            step.scalar(1)
                .filter(exponent -> exponent == 2 || exponent == 3)
                .flatMap(exponent -> raised(in, (int) exponent.doubleValue())));
  }

  private static Optional<Placed> raised(Placed in, int exponent) {
    Optional<Polynomial> power = Optional.of(Polynomial.of(1));
    for (int i = 0; i < exponent; i++) {
      power = power.flatMap(in.polynomial()::times);
    }
    return power.map(in::with);
  }

  private static Optional<Placed> binary(Step step) {
    Optional<Placed> left = step.in(0);
    Optional<Placed> right = step.in(1);
    boolean isSum = step.node().is("Add") || step.node().is("Sum");
    if (isSum && (isScores(left) || isScores(right))) {
      return Masking.added(step);
    }
    if (left.isPresent() && right.isPresent()) {
      return ofTwo(step, left.get(), right.get());
    }
    int own = left.isPresent() ? 0 : 1;
    if (step.in(own).isEmpty()) {
      return Optional.empty();
    }
    Placed in = step.in(own).get();
    Optional<Double> scalar = step.scalar(1 - own).filter(_ -> keepsRank(step, own));
    return scalar.isPresent() ? withScalar(step, in, own, scalar.get()) : withVector(step, in, own);
  }

  private static boolean isScores(Optional<Placed> operand) {
    return operand.filter(in -> in.term().form() instanceof Form.Scores).isPresent();
  }

  /** Returns whether the other operand, one constant, adds no axis. */
  private static boolean keepsRank(Step step, int own) {
    return step.facts().floats(step.node().input(1 - own)).orElseThrow().shape().rank()
        <= step.in(own).orElseThrow().at().rank();
  }

  private static Optional<Placed> withScalar(Step step, Placed in, int own, double c) {
    Polynomial p = in.polynomial();
    return switch (step.node().type()) {
      case "Add", "Sum" -> Optional.of(in.with(p.plus(c)));
      case "Sub" -> Optional.of(in.with(own == 0 ? p.plus(-c) : p.times(-1).plus(c)));
      case "Mul" -> Optional.of(Activations.recognised(step, in.with(p.times(c))));
      case "Div" ->
          own == 0 && c != 0
              ? Optional.of(Activations.recognised(step, in.with(p.times(1 / c))))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** A constant vector beside the features: a bias, or a norm's scale and shift. */
  private static Optional<Placed> withVector(Step step, Placed in, int own) {
    String vector = step.node().input(1 - own);
    Arrangement at = in.at();
    boolean fits =
        at.isFlat()
            && at.features().filter(count -> step.facts().isVector(vector, count)).isPresent()
            && step.facts().floats(vector).orElseThrow().shape().rank() <= at.rank();
    if (!fits) {
      return Optional.empty();
    }
    Term term = Step.term(step.node().input(own), in);
    return switch (step.node().type()) {
      case "Add", "Sum" -> Optional.of(shifted(step, term, at, vector, 1));
      case "Sub" -> own == 0 ? Optional.of(shifted(step, term, at, vector, -1)) : Optional.empty();
      case "Mul" ->
          term.form() instanceof Form.Normed normed && normed.scale().isEmpty() && bare(normed)
              ? Optional.of(
                  step.result(at, new Form.Normed(normed.of(), vector, "", normed.epsilon())))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static boolean bare(Form.Normed normed) {
    return normed.shift().isEmpty();
  }

  static Placed shifted(Step step, Term term, Arrangement at, String vector, double factor) {
    Form form =
        term.form() instanceof Form.Normed normed && bare(normed) && factor == 1
            ? new Form.Normed(normed.of(), normed.scale(), vector, normed.epsilon())
            : new Form.Shifted(term, vector, factor);
    return step.result(at, form);
  }

  private static Optional<Placed> ofTwo(Step step, Placed left, Placed right) {
    String type = step.node().type();
    if (left.term().isSame(right.term()) && left.at().equals(right.at())) {
      Optional<Polynomial> joined =
          switch (type) {
            case "Add", "Sum" -> Optional.of(left.polynomial().plus(right.polynomial()));
            case "Sub" -> Optional.of(left.polynomial().plus(right.polynomial().times(-1)));
            case "Mul" -> left.polynomial().times(right.polynomial());
            default -> Optional.empty();
          };
      if (joined.isPresent()) {
        return joined.map(left::with);
      }
    }
    Optional<Placed> weighed = Attending.joined(step, left, right);
    if (weighed.isPresent()) {
      return weighed;
    }
    boolean isSum = type.equals("Add") || type.equals("Sum");
    Optional<Arrangement> at =
        isSum
            ? Optional.of(left.at()).filter(right.at()::equals)
            : broadcast(left.at(), right.at());
    return at.filter(_ -> holdsFeatures(left) && holdsFeatures(right))
        .map(axes ->
            Activations.recognised(
                step, step.result(axes, new Form.Binary(isSum ? "Add" : type, left, right))))
        .map(placed -> Normalising.recognised(step, placed));
  }

  private static boolean holdsFeatures(Placed placed) {
    return placed.at().order().stream()
        .noneMatch(atom -> atom.is(Kind.HEAD) || atom.is(Kind.TOKEN));
  }

  /** Returns the axes of both: those of length 1 repeat. */
  static Optional<Arrangement> broadcast(Arrangement a, Arrangement b) {
    int rank = Math.max(a.rank(), b.rank());
    Arrangement left = a.ranked(rank);
    Arrangement right = b.ranked(rank);
    List<List<Atom>> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      boolean isOne = left.isOne(i) || right.isOne(i);
      if (!isOne && !left.axis(i).equals(right.axis(i))) {
        return Optional.empty();
      }
      axes.add(left.isOne(i) ? right.axis(i) : left.axis(i));
    }
    return Optional.of(new Arrangement(axes));
  }
}
