package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The integer half of the operators that compute shapes, in Java. A rule that doesn't cover its
 * inputs leaves them to libtorch.
 */
final class ShapeArithmetic {
  private interface Rule {
    @Nullable Longs apply(Call call, List<Longs> inputs);
  }

  private ShapeArithmetic() {}

  /** Returns an operator that takes the Java path where it can. */
  static Operator before(Node node, Operator general) {
    Rule rule = rule(node);
    if (rule == null) {
      return general;
    }
    return call -> {
      List<Longs> inputs = new java.util.ArrayList<>();
      for (Value value : call.inputs()) {
        if (!(value instanceof Longs longs)) {
          return general.apply(call);
        }
        inputs.add(longs);
      }
      Longs result = rule.apply(call, inputs);
      return result == null ? general.apply(call) : List.of(result);
    };
  }

  private static @Nullable Rule rule(Node node) {
    return switch (node.type()) {
      case "Add" -> combine(Long::sum);
      case "Sub" -> combine((a, b) -> a - b);
      case "Mul" -> combine((a, b) -> a * b);
      case "Div" -> combine((a, b) -> a / b);
      case "Max" -> combine(Math::max);
      case "Min" -> combine(Math::min);
      case "Gather" -> (_, in) -> gather(in.get(0), in.get(1));
      case "Concat" -> (_, in) -> concat(in);
      case "Unsqueeze" -> (call, in) -> unsqueeze(in.get(0), call.axes(1));
      case "Squeeze" ->
          (_, in) -> in.get(0).size() == 1 ? Longs.scalar(in.get(0).values()[0]) : null;
      case "Reshape" -> (_, in) -> reshape(in.get(0), in.get(1));
      case "Slice" -> (_, in) -> slice(in);
      case "Range" -> (_, in) -> range(in);
      case "Cast" -> (_, in) -> node.intAttribute("to", 0) == DType.INT64.onnx() ? in.get(0) : null;
      case "ReduceProd" -> (_, in) -> product(in.get(0), node);
      case "ConstantOfShape" -> (_, in) -> constant(in.get(0), node);
      default -> null;
    };
  }

  private static Rule combine(LongBinaryOperator operator) {
    return (_, in) -> {
      if (in.size() != 2) {
        return null;
      }
      Longs a = in.get(0);
      Longs b = in.get(1);
      boolean same = Arrays.equals(a.dims(), b.dims());
      if (!same && a.rank() != 0 && b.rank() != 0) {
        return null;
      }
      Longs shape = a.rank() == 0 ? b : a;
      var values = new long[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            operator.applyAsLong(
                a.values()[a.rank() == 0 ? 0 : i], b.values()[b.rank() == 0 ? 0 : i]);
      }
      return new Longs(shape.dims(), values);
    };
  }

  private static @Nullable Longs gather(Longs data, Longs indices) {
    if (data.rank() != 1) {
      return null;
    }
    var values = new long[indices.size()];
    for (int i = 0; i < values.length; i++) {
      long index = indices.values()[i];
      values[i] = data.values()[Axes.positive(index, data.size())];
    }
    return new Longs(indices.dims(), values);
  }

  private static @Nullable Longs concat(List<Longs> parts) {
    if (parts.stream().anyMatch(part -> part.rank() != 1)) {
      return null;
    }
    return Longs.vector(
        parts.stream().flatMapToLong(part -> Arrays.stream(part.values())).toArray());
  }

  private static @Nullable Longs unsqueeze(Longs x, long[] axes) {
    return x.rank() == 0 && axes.length == 1 ? Longs.vector(x.values()) : null;
  }

  private static @Nullable Longs reshape(Longs x, Longs shape) {
    if (shape.size() == 1) {
      return Longs.vector(x.values());
    }
    return shape.size() == 0 ? Longs.scalar(x.values()[0]) : null;
  }

  private static @Nullable Longs slice(List<Longs> in) {
    boolean unitStep = in.size() < 5 || in.get(4).values()[0] == 1;
    if (in.get(0).rank() != 1 || in.size() < 3 || !unitStep) {
      return null;
    }
    long[] values = in.get(0).values();
    int start = bounded(in.get(1).values()[0], values.length);
    int end = bounded(in.get(2).values()[0], values.length);
    return Longs.vector(Arrays.copyOfRange(values, start, Math.max(start, end)));
  }

  private static int bounded(long position, int length) {
    return Math.clamp(position < 0 ? position + length : position, 0, length);
  }

  private static Longs range(List<Longs> in) {
    long start = in.get(0).values()[0];
    long step = in.get(2).values()[0];
    long count = Math.max(0, Math.ceilDiv(in.get(1).values()[0] - start, step));
    var values = new long[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + i * step;
    }
    return Longs.vector(values);
  }

  private static @Nullable Longs product(Longs x, Node node) {
    long product = Arrays.stream(x.values()).reduce(1, (a, b) -> a * b);
    if (x.rank() != 1) {
      return null;
    }
    return node.intAttribute("keepdims", 1) != 0 ? Longs.vector(product) : Longs.scalar(product);
  }

  private static @Nullable Longs constant(Longs shape, Node node) {
    var fill = Shaping.fill(node);
    if (fill.dtype() != DType.INT64 || shape.size() > 1) {
      return null;
    }
    long size = shape.size() == 0 ? 1 : shape.values()[0];
    var values = new long[Math.toIntExact(size)];
    Arrays.fill(values, fill.longAt(0));
    return new Longs(shape.values(), values);
  }
}
