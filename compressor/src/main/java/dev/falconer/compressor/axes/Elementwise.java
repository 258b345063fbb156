package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that work element by element, with ONNX's broadcasting. */
final class Elementwise {
  private Elementwise() {}

  static Known unary(Scope scope) {
    Known in = scope.in(0);
    return switch (scope.node().type()) {
      case "Identity" -> in;
      case "Cast" -> cast(in, DType.ofOnnx((int) scope.node().intAttribute("to", 1)));
      case "Not" -> not(in);
      case "IsNaN", "IsInf" -> Known.of(DType.BOOL, in.axes(), in.colour());
      default -> Known.of(in.dtype(), in.axes(), scope.colour());
    };
  }

  private static Known cast(Known in, DType to) {
    boolean exact = !in.dtype().isFloat() && to != DType.BOOL;
    boolean listed = exact && !to.isFloat();
    boolean mask = in.dtype() == DType.BOOL && to != DType.BOOL;
    return new Known(
        to,
        in.axes(),
        in.colour(),
        listed ? in.values() : null,
        exact || mask ? in.low() : null,
        exact || mask ? in.high() : null);
  }

  private static Known not(Known in) {
    if (in.alwaysTrue() || in.alwaysFalse()) {
      Poly value = in.alwaysTrue() ? Poly.ZERO : Poly.ONE;
      return new Known(DType.BOOL, in.axes(), in.colour(), null, value, value);
    }
    return Known.of(DType.BOOL, in.axes(), in.colour());
  }

  static List<Known> dropout(Scope scope) {
    if (scope.constant(2) instanceof NumericTensor training && training.longAt(0) != 0) {
      throw scope.refuse(
          Code.TRAINING_MODE, -1, "drops at random", "export the model in evaluation mode");
    }
    Known in = scope.in(0);
    return List.of(in, Known.of(DType.BOOL, in.axes(), in.colour()));
  }

  static Known labelEncoder(Scope scope) {
    Known in = scope.in(0);
    return Known.of(encoded(scope), in.axes(), in.colour());
  }

  private static DType encoded(Scope scope) {
    var attributes = scope.node().attributes();
    if (attributes.get("values_tensor") instanceof Attribute.TensorAttr(var tensor)) {
      return tensor.dtype();
    }
    if (attributes.containsKey("values_floats")) {
      return DType.FLOAT32;
    }
    if (attributes.containsKey("values_int64s") || attributes.containsKey("default_int64")) {
      return DType.INT64;
    }
    return DType.STRING;
  }

  static Known binary(Scope scope) {
    Node node = scope.node();
    var operands = IntStream.range(0, scope.count()).mapToObj(scope::in).toList();
    List<Axis> axes = scope.broadcast(operands.stream().map(Known::axes).toList());
    Known result = Known.of(resultType(node, operands.getFirst()), axes, scope.colour());
    if (operands.size() != 2) {
      return result;
    }
    Known a = operands.get(0);
    Known b = operands.get(1);
    Bounds bounds = Bounds.of(node.type(), a, b);
    return new Known(
        result.dtype(),
        axes,
        result.colour(),
        values(node.type(), a, b),
        bounds.low(),
        bounds.high());
  }

  private static DType resultType(Node node, Known first) {
    return switch (node.type()) {
      case "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor" ->
          DType.BOOL;
      default -> first.dtype();
    };
  }

  private static @Nullable List<Poly> values(String type, Known a, Known b) {
    List<Poly> left = a.values();
    List<Poly> right = b.values();
    if (left == null || right == null || a.dtype().isFloat()) {
      return null;
    }
    int size = left.size() == 1 ? right.size() : left.size();
    var values = new ArrayList<Poly>();
    for (int i = 0; i < size; i++) {
      Poly value =
          arithmetic(
              type, left.get(left.size() == 1 ? 0 : i), right.get(right.size() == 1 ? 0 : i));
      if (value == null) {
        return null;
      }
      values.add(value);
    }
    return values;
  }

  private static @Nullable Poly arithmetic(String type, Poly a, Poly b) {
    return switch (type) {
      case "Add" -> a.plus(b);
      case "Sub" -> a.minus(b);
      case "Mul" -> a.times(b);
      case "Div" ->
          a.isInteger() && b.isInteger() && !b.is(0)
              ? Poly.of(a.integer() / b.integer())
              : a.dividedBy(b).orElse(null);
      case "Mod" ->
          a.isInteger() && b.isInteger() && !b.is(0)
              ? Poly.of(Math.floorMod(a.integer(), b.integer()))
              : null;
      case "Equal" -> {
        if (a.equals(b)) {
          yield Poly.ONE;
        }
        Poly difference = a.minus(b);
        yield difference.isInteger()
                || (a.neverNegative() && b.isInteger() && b.integer() < 0)
                || (b.neverNegative() && a.isInteger() && a.integer() < 0)
            ? Poly.ZERO
            : null;
      }
      case "Min" -> b.minus(a).neverNegative() ? a : a.minus(b).neverNegative() ? b : null;
      case "Max" -> b.minus(a).neverNegative() ? b : a.minus(b).neverNegative() ? a : null;
      default -> null;
    };
  }

  static Known where(Scope scope) {
    Known condition = scope.in(0);
    Known yes = scope.in(1);
    Known no = scope.in(2);
    List<Axis> axes = scope.broadcast(List.of(condition.axes(), yes.axes(), no.axes()));
    Colour colour = scope.colour();
    if (condition.alwaysTrue() || condition.alwaysFalse()) {
      Known taken = condition.alwaysTrue() ? yes : no;
      boolean same = taken.rank() == axes.size();
      return new Known(
          taken.dtype(),
          axes,
          colour,
          same && axes.size() <= 1 ? taken.values() : null,
          taken.low(),
          taken.high());
    }
    Bounds bounds = Bounds.union(yes, no);
    return new Known(
        yes.dtype(), axes, colour, chosen(condition, yes, no), bounds.low(), bounds.high());
  }

  private static @Nullable List<Poly> chosen(Known condition, Known yes, Known no) {
    List<Poly> picks = condition.values();
    List<Poly> left = yes.values();
    List<Poly> right = no.values();
    if (picks == null || left == null || right == null) {
      return null;
    }
    int size = Math.max(picks.size(), Math.max(left.size(), right.size()));
    var values = new ArrayList<Poly>();
    for (int i = 0; i < size; i++) {
      Poly pick = picks.get(picks.size() == 1 ? 0 : i);
      if (!pick.isInteger()) {
        return null;
      }
      List<Poly> from = pick.is(0) ? right : left;
      values.add(from.get(from.size() == 1 ? 0 : i));
    }
    return values;
  }
}
