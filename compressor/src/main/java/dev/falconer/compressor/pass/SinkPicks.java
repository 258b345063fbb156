package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Picks read the parts they need: the rest is read by nobody, and so is all that only it needed.
 *
 * <pre>
 * user ──────┐                                          before: attention over all rows
 * candidate ─ Concat ─ ... ─ Gather -1 ─ y
 * candidate ─ ... ─ Gather -1 ─ y                       after: the candidate's row alone
 * </pre>
 */
final class SinkPicks implements SinkRule {
  @Override
  public boolean takes(Node node) {
    return node.is("Gather") || node.is("Slice") || node.is("Concat");
  }

  @Override
  public Optional<String> apply(Step step, Sinking graph) {
    return switch (step.node().type()) {
      case "Gather" -> gather(step, graph);
      case "Slice" -> slice(step, graph);
      default -> concat(step, graph);
    };
  }

  private static Optional<String> gather(Step step, Sinking graph) {
    String data = step.inputs().get(0);
    String index = step.inputs().get(1);
    int rank = graph.value(data).rank();
    long given = step.node().intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + rank : given);
    Parts parts = graph.parts(data);
    Parts ids = graph.parts(index);
    if (parts == null && ids != null) {
      int along = axis + ids.axis();
      var results = new ArrayList<String>();
      for (int i = 0; i < ids.count(); i++) {
        var operands = List.of(data, ids.names().get(i));
        results.add(graph.write(step.on(operands, along, ids.lengths().get(i))));
      }
      return Optional.of(graph.join(step.base(), along, results));
    }
    if (parts == null) {
      return Optional.empty();
    }
    if (parts.axis() == axis) {
      return picked(step, parts, graph);
    }
    int indexRank = graph.value(index).rank();
    int along = parts.axis() < axis ? parts.axis() : parts.axis() + indexRank - 1;
    var results = new ArrayList<String>();
    for (int i = 0; i < parts.count(); i++) {
      var operands = List.of(parts.names().get(i), index);
      results.add(graph.write(step.on(operands, along, parts.lengths().get(i))));
    }
    return Optional.of(graph.join(step.base(), along, results));
  }

  /** Reads one row of one part. */
  private static Optional<String> picked(Step step, Parts parts, Sinking graph) {
    NumericTensor index = graph.constant(step.inputs().get(1));
    if (index == null || index.shape().size() != 1) {
      return Optional.empty();
    }
    long at = index.longAt(0);
    for (int i = 0; i < parts.count(); i++) {
      int part = at < 0 ? parts.count() - 1 - i : i;
      Poly length = parts.lengths().get(part);
      if (!length.isInteger()) {
        return Optional.empty();
      }
      long here = length.integer();
      if (at < 0 ? -at <= here : at < here) {
        String local =
            at == index.longAt(0)
                ? step.inputs().get(1)
                : graph.constant(step.base() + "#index", TensorData.longs(index.shape(), at));
        var operands = List.of(parts.names().get(part), local);
        return Optional.of(
            graph.write(new Step(step.node(), step.base() + "#picked", operands, step.lengths())));
      }
      at += at < 0 ? here : -here;
    }
    return Optional.empty();
  }

  private static Optional<String> slice(Step step, Sinking graph) {
    Parts parts = graph.parts(step.inputs().getFirst());
    NumericTensor starts = graph.constant(step.inputs().get(1));
    NumericTensor ends = graph.constant(step.inputs().get(2));
    NumericTensor axes = step.inputs().size() > 3 ? graph.constant(step.inputs().get(3)) : null;
    NumericTensor steps = step.inputs().size() > 4 ? graph.constant(step.inputs().get(4)) : null;
    boolean strided = step.inputs().size() > 4 && (steps == null || steps.toLongs()[0] != 1);
    if (parts == null
        || starts == null
        || ends == null
        || axes == null
        || axes.shape().size() != 1
        || strided) {
      return Optional.empty();
    }
    int rank = graph.value(step.inputs().getFirst()).rank();
    long axis = axes.longAt(0) < 0 ? axes.longAt(0) + rank : axes.longAt(0);
    if (axis != parts.axis()) {
      return SinkRule.onEach(step, parts, parts.axis(), graph);
    }
    return cut(step, parts, starts.longAt(0), ends.longAt(0), graph);
  }

  /** Reads whole parts at either end. */
  private static Optional<String> cut(Step step, Parts parts, long start, long end, Sinking graph) {
    int from = boundary(parts, start);
    int to = end >= Integer.MAX_VALUE ? parts.count() : boundary(parts, end);
    if (from < 0 || to <= from || (from == 0 && to == parts.count())) {
      return Optional.empty();
    }
    return Optional.of(graph.join(step.base(), parts.axis(), parts.names().subList(from, to)));
  }

  /** Returns how many parts lie before a place, -1 when it is within one or can't be told. */
  private static int boundary(Parts parts, long at) {
    long rest = Math.abs(at);
    for (int i = 0; i <= parts.count(); i++) {
      if (rest == 0) {
        return at < 0 ? parts.count() - i : i;
      }
      int part = at < 0 ? parts.count() - 1 - i : i;
      if (i == parts.count() || !parts.lengths().get(part).isInteger()) {
        return -1;
      }
      rest -= parts.lengths().get(part).integer();
    }
    return -1;
  }

  /** Joins along another axis part by part. */
  private static Optional<String> concat(Step step, Sinking graph) {
    long given = step.node().intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + step.rank() : given);
    for (String input : step.inputs()) {
      Parts parts = graph.parts(input);
      if (parts == null || parts.axis() == axis) {
        continue;
      }
      int fromRight = step.rank() - parts.axis();
      boolean fits =
          step.inputs().stream()
              .allMatch(other ->
                  SinkElementwise.operand(other, parts, fromRight, graph)
                      == SinkElementwise.Operand.IN_PARTS);
      if (!fits) {
        return Optional.empty();
      }
      var results = new ArrayList<String>();
      for (int i = 0; i < parts.count(); i++) {
        var operands = new ArrayList<String>();
        for (String other : step.inputs()) {
          operands.add(SinkElementwise.part(step, other, parts, fromRight, i, graph));
        }
        results.add(graph.write(step.on(operands, parts.axis(), parts.lengths().get(i))));
      }
      return Optional.of(graph.join(step.base(), parts.axis(), results));
    }
    return Optional.empty();
  }

  /** Splits every part along another axis, as slices. */
  static boolean split(Sinking graph, Node node, List<String> inputs) {
    Parts parts = graph.parts(inputs.getFirst());
    Value in = graph.value(inputs.getFirst());
    long given = node.intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + in.rank() : given);
    NumericTensor sizes = inputs.size() > 1 ? graph.constant(inputs.get(1)) : null;
    Poly length = in.length(axis);
    int count = node.outputs().size();
    if (parts == null
        || parts.axis() == axis
        || !length.isInteger()
        || (sizes == null && length.integer() % count != 0)) {
      return false;
    }
    long from = 0;
    for (int k = 0; k < count; k++) {
      long size = sizes == null ? length.integer() / count : sizes.longAt(k);
      var results = new ArrayList<String>();
      for (String part : parts.names()) {
        var operands =
            List.of(
                part,
                graph.constant("#at." + from, TensorData.vector(from)),
                graph.constant("#at." + (from + size), TensorData.vector(from + size)),
                graph.constant("#axis." + axis, TensorData.vector(axis)));
        results.add(
            graph.add(
                node.outputs().get(k) + "#part",
                "Slice",
                Map.of(),
                operands,
                graph.value(part).with(axis, Poly.of(size)),
                null));
      }
      graph.replace(
          node.outputs().get(k), graph.join(node.outputs().get(k), parts.axis(), results));
      from += size;
    }
    return true;
  }
}
