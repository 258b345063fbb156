package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operators that make tensors out of lengths, and those that repeat. What they repeat is nobody's.
 */
final class Generate {
  private Generate() {}

  static Known constant(Scope scope) {
    for (var entry : scope.node().attributes().entrySet()) {
      TensorData value =
          switch (entry.getValue()) {
            case Attribute.TensorAttr(TensorData tensor) -> tensor;
            case Attribute.IntAttr(long number) -> TensorData.scalar(number);
            case Attribute.FloatAttr(float number) -> TensorData.scalar(number);
            case Attribute.IntsAttr(List<Long> numbers) ->
                TensorData.vector(numbers.stream().mapToLong(Long::longValue).toArray());
            case Attribute.FloatsAttr _,
                Attribute.TextAttr _,
                Attribute.TextsAttr _,
                Attribute.GraphAttr _ ->
                throw scope.unsupported(
                    "constant given as " + entry.getKey(), "export it as a tensor");
          };
      return Constants.known(value);
    }
    throw scope.unsupported("constant without a value", "repair the graph");
  }

  static Known shape(Scope scope) {
    Known in = scope.in(0);
    Node node = scope.node();
    if (node.is("Size")) {
      return Known.scalar(DType.INT64, in.size());
    }
    int rank = in.rank();
    int start = clamp(node.intAttribute("start", 0), rank);
    int end = clamp(node.intAttribute("end", rank), rank);
    return Known.vector(
        DType.INT64,
        in.axes().subList(start, Math.max(start, end)).stream().map(Axis::length).toList());
  }

  private static int clamp(long index, int rank) {
    return Math.toIntExact(Math.clamp(index < 0 ? index + rank : index, 0, rank));
  }

  static Known range(Scope scope) {
    Poly start = scope.polys(0).getFirst();
    Poly limit = scope.polys(1).getFirst();
    Poly step = scope.polys(2).getFirst();
    DType dtype = scope.in(0).dtype();
    Poly span = limit.minus(start);
    Poly count = step.is(0) ? null : span.dividedBy(step).orElse(null);
    if (count == null || !step.neverNegative()) {
      throw scope.unsupported(
          "a range of " + span + " in steps of " + step, "export it with step 1");
    }
    Axis axis = Axis.of(count, false, true);
    return new Known(dtype, List.of(axis), Colour.CONSTANT, null, start, limit.minus(step));
  }

  static Known constantOfShape(Scope scope) {
    List<Poly> target = scope.polys(0);
    NumericTensor value =
        scope.node().attributes().get("value") instanceof Attribute.TensorAttr(NumericTensor given)
            ? given
            : TensorData.floats(Shape.of(1), 0);
    Poly bound = value.dtype().isFloat() ? null : Poly.of(value.longAt(0));
    var axes = target.stream().map(length -> Axis.repeated(length, scope.row())).toList();
    return new Known(value.dtype(), axes, Colour.CONSTANT, listed(bound, target), bound, bound);
  }

  private static @Nullable List<Poly> listed(@Nullable Poly element, List<Poly> shape) {
    boolean small =
        shape.size() <= 1
            && (shape.isEmpty()
                || (shape.getFirst().isInteger() && shape.getFirst().integer() <= 64));
    if (element == null || !small) {
      return null;
    }
    return java.util.Collections.nCopies(
        shape.isEmpty() ? 1 : (int) shape.getFirst().integer(), element);
  }

  static Known expand(Scope scope) {
    Known in = scope.in(0);
    List<Axis> wanted =
        scope.polys(1).stream().map(length -> Axis.repeated(length, scope.row())).toList();
    List<Axis> axes = scope.broadcast(List.of(in.axes(), wanted));
    return new Known(in.dtype(), axes, in.colour(), null, in.low(), in.high());
  }

  static Known tile(Scope scope) {
    Known in = scope.in(0);
    List<Poly> repeats = scope.polys(1);
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < in.rank(); i++) {
      Poly times = repeats.get(i);
      if (times.is(1)) {
        axes.add(in.axis(i));
        continue;
      }
      scope.keepsRows(in, i, "repeats");
      var atoms = new ArrayList<>(Axis.repeated(times, scope.row()).atoms());
      atoms.addAll(in.axis(i).atoms());
      axes.add(new Axis(atoms));
    }
    return new Known(in.dtype(), axes, in.colour(), null, in.low(), in.high());
  }
}
