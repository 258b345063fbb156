package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Elementwise operators work part by part. An operand in one piece is cut like the others where
 * that leaves different parties' parts, or where it is a constant: a mask.
 */
final class SinkElementwise implements SinkRule {
  private static final Set<String> TYPES =
      Set.of(
          "Relu",
          "Sigmoid",
          "Tanh",
          "Neg",
          "Abs",
          "Sqrt",
          "Exp",
          "Log",
          "Erf",
          "Gelu",
          "LeakyRelu",
          "Elu",
          "Selu",
          "Celu",
          "Softplus",
          "Softsign",
          "HardSigmoid",
          "HardSwish",
          "Mish",
          "Floor",
          "Ceil",
          "Round",
          "Reciprocal",
          "Sign",
          "Sin",
          "Cos",
          "Clip",
          "Not",
          "IsNaN",
          "IsInf",
          "Cast",
          "Identity",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Max",
          "Min",
          "PRelu",
          "Where",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor");

  @Override
  public boolean takes(Node node) {
    return TYPES.contains(node.type());
  }

  @Override
  public Optional<String> apply(Step step, Sinking graph) {
    Optional<String> chosen = chosen(step, graph);
    if (chosen.isPresent()) {
      return chosen;
    }
    for (boolean mayCut : new boolean[] {false, true}) {
      for (String input : step.inputs()) {
        Parts parts = input.isEmpty() ? null : graph.parts(input);
        if (parts != null) {
          int fromRight = graph.value(input).rank() - parts.axis();
          Optional<String> result = inPieces(step, parts, fromRight, mayCut, graph);
          if (result.isPresent()) {
            return result;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Returns the side that a constant condition takes. */
  private static Optional<String> chosen(Step step, Sinking graph) {
    if (!step.node().is("Where")) {
      return Optional.empty();
    }
    Boolean condition = graph.value(step.inputs().get(0)).always();
    String side = condition == null ? "" : step.inputs().get(condition ? 1 : 2);
    return !side.isEmpty() && graph.value(side).lengths().equals(step.lengths())
        ? Optional.of(side)
        : Optional.empty();
  }

  private static Optional<String> inPieces(
      Step step, Parts parts, int fromRight, boolean mayCut, Sinking graph) {
    int axis = step.rank() - fromRight;
    boolean cuts = false;
    for (String input : step.inputs()) {
      cuts |=
          operand(input, parts, fromRight, graph) == Operand.WHOLE
              && graph.value(input).colour() != Colour.CONSTANT;
    }
    boolean features = fromRight == 1 && step.lengths().get(axis).isInteger();
    boolean needless = (cuts || features) && !hasConstantParts(step, parts, graph);
    if ((cuts && !mayCut) || (needless && !staysMixed(step, parts, fromRight, graph))) {
      return Optional.empty();
    }
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      var operands = new ArrayList<String>();
      for (String input : step.inputs()) {
        operands.add(part(step, input, parts, fromRight, i, graph));
      }
      results.add(graph.write(step.on(operands, axis, parts.lengths().get(i))));
    }
    return Optional.of(graph.join(step.base(), axis, results));
  }

  /** Returns whether a part is masked or a mask throughout. */
  private static boolean hasConstantParts(Step step, Parts parts, Sinking graph) {
    for (String input : step.inputs()) {
      Parts own = input.isEmpty() ? null : graph.parts(input);
      if (own != null && own.lengths().equals(parts.lengths())) {
        for (String part : own.names()) {
          Value value = graph.value(part);
          if (value.always() != null || value.fill() != null) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** How an operand meets a tensor in parts. */
  enum Operand {
    SAME_FOR_ALL,
    IN_PARTS,
    WHOLE
  }

  static Operand operand(String input, Parts parts, int fromRight, Sinking graph) {
    if (input.isEmpty()) {
      return Operand.SAME_FOR_ALL;
    }
    Value value = graph.value(input);
    int own = value.rank() - fromRight;
    if (own < 0 || value.length(own).is(1)) {
      return Operand.SAME_FOR_ALL;
    }
    Parts others = graph.parts(input);
    boolean alike =
        others != null && others.axis() == own && others.lengths().equals(parts.lengths());
    return alike ? Operand.IN_PARTS : Operand.WHOLE;
  }

  static String part(
      Step step, String input, Parts parts, int fromRight, int index, Sinking graph) {
    return switch (operand(input, parts, fromRight, graph)) {
      case SAME_FOR_ALL -> input;
      case IN_PARTS -> java.util.Objects.requireNonNull(graph.parts(input)).names().get(index);
      case WHOLE ->
          graph.piece(step.base(), input, graph.value(input).rank() - fromRight, parts, index);
    };
  }

  private static boolean staysMixed(Step step, Parts parts, int fromRight, Sinking graph) {
    var payers = new HashSet<Colour>();
    for (int i = 0; i < parts.count(); i++) {
      List<String> read = new ArrayList<>();
      for (String input : step.inputs()) {
        read.add(
            operand(input, parts, fromRight, graph) == Operand.IN_PARTS
                ? java.util.Objects.requireNonNull(graph.parts(input)).names().get(i)
                : input);
      }
      payers.add(graph.colour(read));
    }
    return payers.size() > 1;
  }
}
