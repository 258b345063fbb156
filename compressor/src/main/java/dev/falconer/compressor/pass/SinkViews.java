package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Views move the axis that parts lie along. A Reshape may give it other neighbours, or split it
 * where every part splits.
 */
final class SinkViews implements SinkRule {
  private static final Set<String> TYPES =
      Set.of("Transpose", "Unsqueeze", "Squeeze", "Reshape", "Flatten");

  @Override
  public boolean takes(Node node) {
    return TYPES.contains(node.type());
  }

  @Override
  public Optional<String> apply(Step step, Sinking graph) {
    Parts parts = graph.parts(step.inputs().getFirst());
    if (parts == null) {
      return Optional.empty();
    }
    return switch (step.node().type()) {
      case "Transpose" -> SinkRule.onEach(step, parts, transposed(step, parts.axis()), graph);
      case "Unsqueeze", "Squeeze" -> squeezed(step, parts, graph);
      default -> reshaped(step, parts, graph);
    };
  }

  private static int transposed(Step step, int axis) {
    long[] order = step.node().intsAttribute("perm");
    if (order.length == 0) {
      return step.rank() - 1 - axis;
    }
    for (int i = 0; i < order.length; i++) {
      if (order[i] == axis) {
        return i;
      }
    }
    throw new IllegalArgumentException("node \"" + step.node().name() + "\" loses an axis");
  }

  private static Optional<String> squeezed(Step step, Parts parts, Sinking graph) {
    NumericTensor axes = step.inputs().size() < 2 ? null : graph.constant(step.inputs().get(1));
    if (axes == null) {
      return Optional.empty();
    }
    boolean adds = step.node().is("Unsqueeze");
    int rank = adds ? step.rank() : graph.value(step.inputs().getFirst()).rank();
    var touched = new ArrayList<Long>();
    for (long axis : axes.toLongs()) {
      touched.add(axis < 0 ? axis + rank : axis);
    }
    int own = 0;
    for (int i = 0; i < rank; i++) {
      if (touched.contains((long) i)) {
        continue;
      }
      if (adds ? own == parts.axis() : i == parts.axis()) {
        return SinkRule.onEach(step, parts, adds ? i : own, graph);
      }
      own++;
    }
    return Optional.empty();
  }

  private static Optional<String> reshaped(Step step, Parts parts, Sinking graph) {
    List<Poly> in = graph.value(step.inputs().getFirst()).lengths();
    List<Poly> out = step.lengths();
    int axis = axis(in, out, parts);
    if (axis < 0 || graph.countsRows(out.get(axis))) {
      return Optional.empty();
    }
    Poly inner = product(in, parts.axis() + 1, in.size());
    Poly outer = product(out, axis + 1, out.size());
    var targets = new ArrayList<List<Poly>>();
    for (int i = 0; i < parts.count(); i++) {
      Poly length = parts.lengths().get(i).times(inner).dividedBy(outer).orElse(null);
      if (length == null) {
        return Optional.empty();
      }
      var target = new ArrayList<>(out);
      target.set(axis, length);
      targets.add(target);
    }
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      String part = parts.names().get(i);
      String shape =
          ReshapeTarget.of(
              step.base(), part, graph.value(part).lengths(), targets.get(i), writer(graph));
      if (shape == null) {
        return Optional.empty();
      }
      results.add(reshape(step.base() + "#part", part, shape, targets.get(i), graph));
    }
    return Optional.of(graph.join(step.base(), axis, results));
  }

  private static String reshape(
      String base, String part, String shape, List<Poly> target, Sinking graph) {
    Parts inner = graph.parts(part);
    Node node = Node.of(base, "Reshape", List.of(part, shape), List.of(base), Map.of());
    return inner == null
        ? graph.add(base, "Reshape", Map.of(), List.of(part, shape), target, null)
        : graph.write(new Step(node, base, List.of(part, shape), target));
  }

  /** Returns the axis of the result whose leading atom the parts' axis is, or -1. */
  private static int axis(List<Poly> in, List<Poly> out, Parts parts) {
    Poly before = product(in, 0, parts.axis());
    Poly inner = product(in, parts.axis() + 1, in.size());
    for (int i = 0; i < out.size(); i++) {
      if (!product(out, 0, i).equals(before) || out.get(i).is(1)) {
        continue;
      }
      Poly outer = product(out, i + 1, out.size());
      Poly all = in.get(parts.axis()).times(inner);
      return all.equals(out.get(i).times(outer)) ? i : -1;
    }
    return -1;
  }

  private static Poly product(List<Poly> lengths, int from, int to) {
    return lengths.subList(from, to).stream().reduce(Poly.ONE, Poly::times);
  }

  static ReshapeTarget.Writer writer(Sinking graph) {
    return new ReshapeTarget.Writer() {
      @Override
      public String constant(String base, TensorData value) {
        return graph.constant(base, value);
      }

      @Override
      public String measure(String base, String name, int axis) {
        return graph.measure(base, name, axis);
      }

      @Override
      public String join(String base, List<String> vectors) {
        return graph.add(
            base,
            "Concat",
            Map.of("axis", Attribute.of(0)),
            vectors,
            List.of(Poly.of(vectors.size())),
            null);
      }
    };
  }
}
