package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The graph being written by {@link SinkConcats}: what is known of its tensors and which of them
 * are still apart. A tensor apart is also written joined; where nobody reads that, it dies.
 */
final class Sinking {
  private static final List<SinkRule> RULES =
      List.of(
          new SinkElementwise(),
          new SinkViews(),
          new SinkProducts(),
          new SinkAlong(),
          new SinkPicks());

  private final Graph graph;
  private final Analysis analysis;
  private final Rewrite rewrite;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Parts> parts = new HashMap<>();
  private final Map<String, Band> bands = new HashMap<>();
  private final Map<String, Node> producers;
  private final String rows;

  Sinking(Graph graph, Analysis analysis, Rewrite rewrite, String rows) {
    this.producers = graph.producers();
    this.rows = rows;
    this.graph = graph;
    this.analysis = analysis;
    this.rewrite = rewrite;
  }

  /** Returns what is known of a tensor, of the old graph or of the new one. */
  Value value(String name) {
    return values.computeIfAbsent(name, this::known);
  }

  private Value known(String name) {
    Float fill =
        graph.initializers().get(name) instanceof NumericTensor tensor
                && tensor.dtype() == DType.FLOAT32
                && tensor.shape().size() == 1
            ? Float.valueOf((float) tensor.at(0))
            : null;
    return Value.of(analysis.get(name), fill);
  }

  /** Returns the type of what a node of the old graph writes. */
  DType dtype(Node node) {
    return analysis.get(node.output()).dtype();
  }

  /** Returns whether an axis of this length counts candidates. */
  boolean countsRows(Poly length) {
    return length.symbols().contains(rows);
  }

  /** Returns the triangle that a tensor is a block of, null when it is none. */
  private @Nullable Band band(String name) {
    Band known = bands.get(name);
    Node node = producers.get(name);
    if (known != null || node == null) {
      return known;
    }
    if (node.is("Trilu") && value(name).rank() == 2) {
      return Band.of(node, producers.get(node.input(0)), graph);
    }
    return null;
  }

  /** Returns what a tensor is made of, null when it is in one piece. */
  @Nullable Parts parts(String name) {
    return parts.get(rewrite.now(name));
  }

  @Nullable NumericTensor constant(String name) {
    return graph.initializers().get(name) instanceof NumericTensor tensor ? tensor : null;
  }

  String constant(String base, TensorData value) {
    String name = rewrite.constant(base, value);
    values.putIfAbsent(name, Value.of(Analysis.of(value), null));
    return name;
  }

  Colour colour(List<String> inputs) {
    return inputs.stream()
        .filter(input -> !input.isEmpty())
        .map(input -> value(input).colour())
        .reduce(Colour.CONSTANT, Colour::join);
  }

  /** Takes a node of the old graph, in pieces where some rule allows. */
  boolean sunk(Node node) {
    List<String> inputs = node.inputs().stream().map(rewrite::now).toList();
    if (inputs.stream().noneMatch(parts::containsKey)
        || node.outputs().stream().anyMatch(out -> analysis.get(out).values() != null)) {
      return false;
    }
    if (node.is("Split")) {
      return SinkPicks.split(this, node, inputs);
    }
    if (node.outputs().stream().skip(1).anyMatch(out -> !out.isEmpty())) {
      return false;
    }
    Value whole = Value.of(analysis.get(node.output()), null);
    String result =
        tried(new SinkRule.Step(node, node.output(), inputs, whole.lengths())).orElse("");
    if (result.isEmpty()) {
      return false;
    }
    rewrite.replace(node.output(), result);
    return true;
  }

  void replace(String old, String by) {
    rewrite.replace(old, by);
  }

  /** Writes a node on other operands, in pieces where some rule allows; returns its output. */
  String write(SinkRule.Step step) {
    return tried(step).orElseGet(() -> plain(step));
  }

  private Optional<String> tried(SinkRule.Step step) {
    for (SinkRule rule : RULES) {
      if (rule.takes(step.node())) {
        return rule.apply(step, this);
      }
    }
    return Optional.empty();
  }

  private String plain(SinkRule.Step step) {
    Node node = step.node();
    return add(
        step.base(), node.type(), node.attributes(), step.inputs(), step.lengths(), step.fill());
  }

  /** Writes a node in one piece. */
  String add(
      String base,
      String type,
      Map<String, Attribute> attributes,
      List<String> inputs,
      List<Poly> lengths,
      @Nullable Float fill) {
    String name = rewrite.add(base, type, attributes, inputs);
    List<Value> read = inputs.stream().map(this::orNothing).toList();
    Float filled = fill == null ? Masks.fill(type, read) : fill;
    values.put(name, new Value(lengths, colour(inputs), Masks.always(type, read), filled));
    return name;
  }

  private Value orNothing(String name) {
    return name.isEmpty() ? new Value(List.of(), Colour.CONSTANT, null, null) : value(name);
  }

  /** Writes parts joined, and remembers that they are apart. */
  String join(String base, int axis, List<String> names) {
    if (names.size() == 1) {
      return names.getFirst();
    }
    var lengths = names.stream().map(name -> value(name).length(axis)).toList();
    Poly total = lengths.stream().reduce(Poly.ZERO, Poly::plus);
    List<Poly> all = value(names.getFirst()).with(axis, total);
    String name =
        add(base + "#parts", "Concat", Map.of("axis", Attribute.of(axis)), names, all, null);
    parts.put(name, new Parts(axis, names, lengths));
    return name;
  }

  /** Remembers that a Concat of the old graph joins different parties' parts. */
  void found(Node concat) {
    int rank = analysis.get(concat.output()).rank();
    long given = concat.intAttribute("axis", 0);
    int axis = Math.toIntExact(given < 0 ? given + rank : given);
    var flat = new ArrayList<String>();
    for (String input : concat.inputs()) {
      Parts inner = parts(input);
      if (inner != null && inner.axis() == axis) {
        flat.addAll(inner.names());
      } else {
        flat.add(rewrite.now(input));
      }
    }
    boolean mask = analysis.get(concat.output()).dtype() == DType.BOOL;
    List<String> grouped = mask ? flat : grouped(concat, axis, flat);
    if (grouped.size() < 2) {
      return;
    }
    parts.put(
        concat.output(),
        new Parts(axis, grouped, grouped.stream().map(name -> value(name).length(axis)).toList()));
  }

  /** Joins neighbours that the same party pays for. */
  private List<String> grouped(Node concat, int axis, List<String> names) {
    var groups = new ArrayList<List<String>>();
    for (String name : names) {
      List<String> last = groups.isEmpty() ? null : groups.getLast();
      if (last != null && payer(last.getFirst()) == payer(name)) {
        last.add(name);
      } else {
        groups.add(new ArrayList<>(List.of(name)));
      }
    }
    if (groups.size() < 2) {
      return names.subList(0, 1);
    }
    var joined = new ArrayList<String>();
    for (List<String> group : groups) {
      if (group.size() == 1) {
        joined.add(group.getFirst());
        continue;
      }
      Poly total =
          group.stream().map(name -> value(name).length(axis)).reduce(Poly.ZERO, Poly::plus);
      joined.add(
          add(
              concat.output() + "#group",
              "Concat",
              Map.of("axis", Attribute.of(axis)),
              group,
              value(group.getFirst()).with(axis, total),
              null));
    }
    return joined;
  }

  private Colour payer(String name) {
    Colour colour = value(name).colour();
    return colour == Colour.CONSTANT ? Colour.USER : colour;
  }

  /** Returns whether parts are different parties'. */
  boolean mixed(List<String> names) {
    return names.stream().map(this::payer).distinct().count() > 1;
  }

  /** Returns a piece [from, from + length) of a tensor in one piece. */
  String piece(String base, String name, int axis, Parts like, int index) {
    Value whole = value(name);
    Poly total = whole.length(axis);
    Poly from = like.lengths().subList(0, index).stream().reduce(Poly.ZERO, Poly::plus);
    Poly length = like.lengths().get(index);
    String start = bound(base, from, total, like, index);
    String end = bound(base, from.plus(length), total, like, index + 1);
    String axes = constant("#axis." + axis, TensorData.vector(axis));
    Band band = band(name);
    Band block = band == null ? null : band.from(axis, from);
    List<Poly> lengths = whole.with(axis, length);
    Float fill = block == null ? null : block.fill(lengths);
    String piece =
        add(
            base + "#piece",
            "Slice",
            Map.of(),
            List.of(name, start, end, axes),
            lengths,
            fill == null ? whole.fill() : fill);
    if (block != null) {
      bands.put(piece, block);
      if (fill != null) {
        values.put(piece, new Value(lengths, value(piece).colour(), fill != 0, fill));
      }
    }
    return piece;
  }

  /** Returns a vector of one: a cut counted from the front, else from the end, else measured. */
  private String bound(String base, Poly at, Poly total, Parts like, int parts) {
    if (at.isInteger()) {
      return constant("#at." + at.integer(), TensorData.vector(at.integer()));
    }
    if (at.equals(total)) {
      return constant("#end", TensorData.vector(Integer.MAX_VALUE));
    }
    Poly back = at.minus(total);
    if (back.isInteger() && back.integer() < 0) {
      return constant("#at." + back.integer(), TensorData.vector(back.integer()));
    }
    String sum = "";
    for (int i = 0; i < parts; i++) {
      String length = measure(base, like.names().get(i), like.axis());
      sum =
          sum.isEmpty()
              ? length
              : add(base + "#cut", "Add", Map.of(), List.of(sum, length), List.of(Poly.ONE), null);
    }
    return sum;
  }

  /** Returns the length of an axis, a vector of one. */
  String measure(String base, String name, int axis) {
    Poly length = value(name).length(axis);
    if (length.isInteger()) {
      return constant("#at." + length.integer(), TensorData.vector(length.integer()));
    }
    String measured =
        add(
            base + "#length",
            "Shape",
            Map.of("start", Attribute.of(axis), "end", Attribute.of(axis + 1)),
            List.of(name),
            List.of(Poly.ONE),
            null);
    Value old = Objects.requireNonNull(values.get(measured));
    values.put(measured, new Value(old.lengths(), Colour.CONSTANT, null, null));
    return measured;
  }
}
