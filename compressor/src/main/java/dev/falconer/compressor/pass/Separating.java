package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The graph being written by {@link SeparateAxes}. */
final class Separating implements ReshapeTarget.Writer {
  private static final SinkElementwise ELEMENTWISE = new SinkElementwise();

  private final Analysis analysis;
  private final Rewrite rewrite;
  private final Map<String, Apart> apart = new HashMap<>();

  Separating(Analysis analysis, Rewrite rewrite) {
    this.analysis = analysis;
    this.rewrite = rewrite;
  }

  /** Writes a node on separate axes; returns whether it could. */
  boolean separated(Node node) {
    if (node.outputs().stream().skip(1).anyMatch(out -> !out.isEmpty())) {
      return false;
    }
    List<List<Poly>> groups = Apart.groups(analysis.get(node.output()));
    boolean merged = Apart.isMerged(groups);
    if (!merged && node.inputs().stream().noneMatch(apart::containsKey)) {
      return false;
    }
    String result = written(node, groups);
    if (result == null) {
      return false;
    }
    if (merged) {
      apart.put(node.output(), new Apart(result, groups));
      rewrite.drop();
    } else {
      rewrite.replace(node.output(), result);
    }
    return true;
  }

  /** Merges what is stored apart, for a reader that needs it so. */
  void merge(String value) {
    Apart stored = apart.remove(value);
    if (stored == null) {
      return;
    }
    var to =
        stored.groups().stream()
            .map(group -> group.stream().reduce(Poly.ONE, Poly::times))
            .toList();
    String shape = shapeOfMerged(value, stored, to);
    rewrite.replace(
        value, rewrite.add(value + "#merged", "Reshape", Map.of(), List.of(stored.name(), shape)));
  }

  private String shapeOfMerged(String value, Apart stored, List<Poly> to) {
    var vectors = new ArrayList<String>();
    boolean free = true;
    for (int i = 0; i < to.size(); i++) {
      if (to.get(i).isInteger()) {
        long length = to.get(i).integer();
        vectors.add(constant("#at." + length, TensorData.vector(length)));
      } else if (free && !stored.isSingle(i)) {
        vectors.add(constant("#at.-1", TensorData.vector(-1)));
        free = false;
      } else {
        String product = "";
        for (int k = 0; k < stored.groups().get(i).size(); k++) {
          String length = measure(value, stored.name(), stored.stored(i) + k);
          product =
              product.isEmpty()
                  ? length
                  : rewrite.add(value + "#length", "Mul", Map.of(), List.of(product, length));
        }
        vectors.add(product);
      }
    }
    return join(value + "#shape", vectors);
  }

  private Apart stored(String value) {
    Apart found = apart.get(value);
    if (found != null) {
      return found;
    }
    List<List<Poly>> whole =
        analysis.get(value).axes().stream().map(axis -> List.of(axis.length())).toList();
    return new Apart(rewrite.now(value), whole);
  }

  private @Nullable String written(Node node, List<List<Poly>> groups) {
    String base = node.output() + "#apart";
    if (ELEMENTWISE.takes(node)) {
      return elementwise(node, groups, base);
    }
    Apart first = stored(node.input(0));
    return switch (node.type()) {
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> regrouped(base, first, groups);
      case "Transpose" -> transposed(node, first, base);
      case "MatMul" -> product(node, first, stored(node.input(1)), groups, base);
      case "Softmax", "LogSoftmax", "LayerNormalization" -> along(node, first, base);
      case "Gather" -> gather(node, first, stored(node.input(1)), base);
      case "Tile" -> tile(node, first, groups, base);
      default -> null;
    };
  }

  private @Nullable String regrouped(String base, Apart in, List<List<Poly>> groups) {
    List<Poly> to = groups.stream().flatMap(List::stream).toList();
    if (in.flat().equals(to)) {
      return in.name();
    }
    String shape = ReshapeTarget.of(base, in.name(), in.flat(), to, this);
    return shape == null ? null : rewrite.add(base, "Reshape", Map.of(), List.of(in.name(), shape));
  }

  private String transposed(Node node, Apart in, String base) {
    long[] order = node.intsAttribute("perm");
    var axes = new ArrayList<Long>();
    for (int i = 0; i < in.rank(); i++) {
      int axis = order.length == 0 ? in.rank() - 1 - i : (int) order[i];
      for (int k = 0; k < in.groups().get(axis).size(); k++) {
        axes.add((long) in.stored(axis) + k);
      }
    }
    return rewrite.add(
        base, "Transpose", Map.of("perm", new Attribute.IntsAttr(axes)), List.of(in.name()));
  }

  private @Nullable String elementwise(Node node, List<List<Poly>> groups, String base) {
    var operands = new ArrayList<String>();
    for (String input : node.inputs()) {
      String operand = input.isEmpty() ? "" : aligned(stored(input), groups, groups.size(), base);
      if (operand == null) {
        return null;
      }
      operands.add(operand);
    }
    return rewrite.add(base, node.type(), node.attributes(), operands);
  }

  /**
   * Returns an operand whose axes of length 1 are as many as the result stores; null if it can't.
   */
  private @Nullable String aligned(Apart operand, List<List<Poly>> groups, int rank, String base) {
    var added = new ArrayList<Long>();
    int at = 0;
    for (int i = 0; i < operand.rank(); i++) {
      List<Poly> own = operand.groups().get(i);
      List<Poly> result = groups.get(rank - operand.rank() + i);
      if (own.equals(result) || (own.size() == 1 && result.size() == 1)) {
        at += result.size();
      } else if (own.size() == 1 && own.getFirst().is(1)) {
        for (int k = 1; k < result.size(); k++) {
          added.add((long) ++at);
        }
        at++;
      } else {
        return null;
      }
    }
    if (added.isEmpty()) {
      return operand.name();
    }
    String axes =
        constant(
            base + "#ones", TensorData.vector(added.stream().mapToLong(Long::longValue).toArray()));
    return rewrite.add(base + "#ones", "Unsqueeze", Map.of(), List.of(operand.name(), axes));
  }

  private @Nullable String product(
      Node node, Apart a, Apart b, List<List<Poly>> groups, String base) {
    if (a.rank() < 2 || b.rank() < 2 || !a.isSingle(a.rank() - 1) || !b.isSingle(b.rank() - 2)) {
      return null;
    }
    if (b.rank() == 2 && b.isSingle(1)) {
      return rewrite.add(base, "MatMul", node.attributes(), List.of(a.name(), b.name()));
    }
    if (!a.isSingle(a.rank() - 2) || !b.isSingle(b.rank() - 1)) {
      return null;
    }
    var batch = groups.subList(0, groups.size() - 2);
    String left = batched(a, batch, base);
    String right = batched(b, batch, base);
    return left == null || right == null
        ? null
        : rewrite.add(base, "MatMul", node.attributes(), List.of(left, right));
  }

  private @Nullable String batched(Apart operand, List<List<Poly>> batch, String base) {
    var outer = new Apart(operand.name(), operand.groups().subList(0, operand.rank() - 2));
    return aligned(outer, batch, batch.size(), base);
  }

  private @Nullable String along(Node node, Apart in, String base) {
    long given = node.intAttribute("axis", -1);
    int axis = Math.toIntExact(given < 0 ? given + in.rank() : given);
    int last = node.is("LayerNormalization") ? in.rank() : axis + 1;
    for (int i = axis; i < last; i++) {
      if (!in.isSingle(i)) {
        return null;
      }
    }
    var attributes = new LinkedHashMap<>(node.attributes());
    attributes.put("axis", Attribute.of(in.stored(axis)));
    var inputs = new ArrayList<>(node.inputs());
    inputs.set(0, in.name());
    return rewrite.add(base, node.type(), attributes, inputs);
  }

  private @Nullable String gather(Node node, Apart data, Apart index, String base) {
    long given = node.intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + data.rank() : given);
    if (!data.isSingle(axis)) {
      return null;
    }
    return rewrite.add(
        base,
        "Gather",
        Map.of("axis", Attribute.of(data.stored(axis))),
        List.of(data.name(), index.name()));
  }

  /** Repeats along a new axis in front of each that is repeated. */
  private @Nullable String tile(Node node, Apart in, List<List<Poly>> groups, String base) {
    if (Apart.isMerged(in.groups())) {
      return null;
    }
    var added = new ArrayList<Long>();
    var targets = new ArrayList<String>();
    String one = constant("#at.1", TensorData.vector(1));
    for (int i = 0; i < in.rank(); i++) {
      List<Poly> own = in.groups().get(i);
      List<Poly> result = groups.get(i);
      if (result.equals(own)) {
        targets.add(one);
      } else if (result.size() == 2 && result.subList(1, 2).equals(own)) {
        added.add((long) targets.size());
        String repeats = rewrite.now(node.input(1));
        targets.add(
            rewrite.add(
                base + "#times",
                "Slice",
                Map.of(),
                List.of(
                    repeats,
                    constant("#at." + i, TensorData.vector(i)),
                    constant("#at." + (i + 1), TensorData.vector(i + 1)),
                    constant("#at.0", TensorData.vector(0)))));
        targets.add(one);
      } else {
        return null;
      }
    }
    String axes =
        constant(
            base + "#axes", TensorData.vector(added.stream().mapToLong(Long::longValue).toArray()));
    String wide = rewrite.add(base + "#wide", "Unsqueeze", Map.of(), List.of(in.name(), axes));
    return rewrite.add(base, "Expand", Map.of(), List.of(wide, join(base + "#to", targets)));
  }

  @Override
  public String constant(String base, TensorData value) {
    return rewrite.constant(base, value);
  }

  @Override
  public String measure(String base, String name, int axis) {
    return rewrite.add(
        base + "#length",
        "Shape",
        Map.of("start", Attribute.of(axis), "end", Attribute.of(axis + 1)),
        List.of(name));
  }

  @Override
  public String join(String base, List<String> vectors) {
    return rewrite.add(base, "Concat", Map.of("axis", Attribute.of(0)), vectors);
  }
}
