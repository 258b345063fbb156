package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that work along an axis: sums, softmax, normalisation, order. Never along the rows. */
final class Along {
  private Along() {}

  static Known reduce(Scope scope) {
    Known in = scope.in(0);
    Node node = scope.node();
    long[] given = scope.axes(1);
    if ((given == null || given.length == 0) && node.intAttribute("noop_with_empty_axes", 0) == 1) {
      return in;
    }
    boolean[] reduced = new boolean[in.rank()];
    if (given == null || given.length == 0) {
      Arrays.fill(reduced, true);
    } else {
      for (long axis : given) {
        reduced[scope.axis(axis, in.rank())] = true;
      }
    }
    boolean repeatable = node.is("ReduceMean") || node.is("ReduceMax") || node.is("ReduceMin");
    boolean keep = node.intAttribute("keepdims", 1) == 1;
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < in.rank(); i++) {
      if (reduced[i] && (in.axis(i).mixesWhenJoined() || !repeatable)) {
        scope.keepsRows(in, i, "reduces over");
      }
      if (!reduced[i] || keep) {
        axes.add(reduced[i] ? Axis.ONE : in.axis(i));
      }
    }
    if (node.is("ReduceProd") && in.values() != null && axes.size() <= 1) {
      Poly product = in.values().stream().reduce(Poly.ONE, Poly::times);
      return new Known(in.dtype(), axes, in.colour(), List.of(product), product, product);
    }
    return Known.of(in.dtype(), axes, in.colour());
  }

  static Known arg(Scope scope) {
    Known in = scope.in(0);
    int axis = scope.axis(scope.node().intAttribute("axis", 0), in.rank());
    scope.keepsRows(in, axis, "compares");
    var axes = new ArrayList<>(in.axes());
    if (scope.node().intAttribute("keepdims", 1) == 1) {
      axes.set(axis, Axis.ONE);
    } else {
      axes.remove(axis);
    }
    return Known.of(DType.INT64, axes, in.colour());
  }

  static List<Known> topK(Scope scope) {
    Known in = scope.in(0);
    int axis = scope.axis(scope.node().intAttribute("axis", -1), in.rank());
    scope.keepsRows(in, axis, "sorts");
    long count = scope.has(1) ? scope.integers(1)[0] : scope.node().intAttribute("k", 1);
    scope.require(
        in.axis(axis).length().minus(Poly.of(count)),
        scope.unsupported(
            "the first " + count + " of an axis of length " + in.axis(axis).length(),
            "export with a smaller k"));
    var axes = new ArrayList<>(in.axes());
    axes.set(axis, Axis.of(count));
    return List.of(
        Known.of(in.dtype(), axes, in.colour()), Known.of(DType.INT64, axes, in.colour()));
  }

  static Known cumulate(Scope scope) {
    Known in = scope.in(0);
    int axis = scope.axis(scope.integers(1)[0], in.rank());
    scope.keepsRows(in, axis, "sums along");
    return Known.of(in.dtype(), varying(in.axes(), axis, axis + 1), in.colour());
  }

  static Known softmax(Scope scope) {
    Known in = scope.in(0);
    boolean flattens = scope.model().opset() < 13;
    int axis = scope.axis(scope.node().intAttribute("axis", flattens ? 1 : -1), in.rank());
    int end = flattens ? in.rank() : axis + 1;
    for (int i = axis; i < end; i++) {
      scope.keepsRows(in, i, "normalises over");
    }
    return Known.of(in.dtype(), in.axes(), in.colour());
  }

  static List<Known> layerNorm(Scope scope) {
    Known in = scope.in(0);
    int axis = scope.axis(scope.node().intAttribute("axis", -1), in.rank());
    for (int i = axis; i < in.rank(); i++) {
      scope.keepsRows(in, i, "normalises over");
    }
    var statistics = new ArrayList<Axis>(in.axes());
    IntStream.range(axis, in.rank()).forEach(i -> statistics.set(i, Axis.ONE));
    Known statistic = Known.of(DType.FLOAT32, statistics, scope.colour());
    Known out = Known.of(in.dtype(), varying(in.axes(), axis, in.rank()), scope.colour());
    return List.of(out, statistic, statistic);
  }

  static Known batchNorm(Scope scope) {
    Known in = scope.in(0);
    long outputs = scope.node().outputs().stream().filter(name -> !name.isEmpty()).count();
    if (scope.node().intAttribute("training_mode", 0) == 1 || outputs > 1) {
      throw scope.refuse(
          Code.TRAINING_MODE,
          0,
          "normalises over the candidates' rows",
          "export the model in evaluation mode");
    }
    if (in.rank() > 1) {
      scope.keepsRows(in, 1, "takes for channels");
    }
    return Known.of(in.dtype(), varying(in.axes(), 1, Math.min(2, in.rank())), scope.colour());
  }

  /** Returns the axes with those in [from, to) varying. */
  private static List<Axis> varying(List<Axis> axes, int from, int to) {
    var result = new ArrayList<>(axes);
    for (int i = from; i < to; i++) {
      result.set(i, new Axis(axes.get(i).atoms().stream().map(atom -> atom.with(true)).toList()));
    }
    return result;
  }
}
