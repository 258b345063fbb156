package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.pass.BagValue.Bag;
import dev.falconer.compressor.pass.BagValue.Choice;
import dev.falconer.compressor.pass.BagValue.Collected;
import dev.falconer.compressor.pass.BagValue.Numbers;
import dev.falconer.compressor.pass.BagValue.Rows;
import dev.falconer.compressor.pass.BagValue.Sequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Follows a loop's body with the iteration as a symbol. Lengths are taken to be at least 1: an
 * empty bag can't be told from the exporter's loop, whose steps would be 0.
 */
final class BagBody {
  /** The iteration, counted from 0. */
  static final Poly ITERATION = Poly.symbol("#i");

  private final Graph graph;
  private final Analysis analysis;
  private final Map<String, Node> producers;
  private final Map<String, BagValue> values = new HashMap<>();

  BagBody(Graph graph, Analysis analysis) {
    this.graph = graph;
    this.analysis = analysis;
    this.producers = graph.producers();
  }

  void set(String name, BagValue value) {
    values.put(name, value);
  }

  /** Returns what a value of a body is, null when it is nothing that a bag is made of. */
  @Nullable BagValue follow(Graph body, String wanted) {
    body.initializers()
        .forEach((name, tensor) -> {
          List<Poly> known = Analysis.of(tensor).values();
          if (known != null) {
            values.put(name, new Numbers(known));
          }
        });
    for (Node node : body.nodes()) {
      BagValue value = values.containsKey(node.output()) ? null : followed(node);
      if (value != null) {
        values.put(node.output(), value);
      }
    }
    return value(wanted);
  }

  private @Nullable BagValue value(String name) {
    BagValue own = values.get(name);
    if (own != null) {
      return own;
    }
    List<Poly> known = analysis.has(name) ? analysis.get(name).values() : null;
    return known == null ? sequence(name) : new Numbers(known);
  }

  private @Nullable Numbers numbers(String name) {
    return value(name) instanceof Numbers numbers && !numbers.values().isEmpty() ? numbers : null;
  }

  /** Returns the offsets that a value outside the loop holds. */
  private @Nullable Sequence sequence(String name) {
    Node node = producers.get(name);
    if (node == null) {
      return null;
    }
    return switch (node.type()) {
      case "Identity", "Cast" -> sequence(node.input(0));
      case "Range" -> {
        Numbers start = numbers(node.input(0));
        Numbers step = numbers(node.input(2));
        yield start == null || step == null
            ? null
            : new Sequence(start.only(), step.only(), analysis.get(name).axis(0).length());
      }
      case "Concat" -> longer(node);
      case "Slice" -> tail(node);
      default -> null;
    };
  }

  /** Returns a sequence to which its next number is joined. */
  private @Nullable Sequence longer(Node concat) {
    if (concat.inputs().size() != 2) {
      return null;
    }
    Sequence head = sequence(concat.input(0));
    Numbers last = numbers(concat.input(1));
    if (head == null
        || last == null
        || !last.only().equals(head.first().plus(head.step().times(head.count())))) {
      return null;
    }
    return new Sequence(head.first(), head.step(), head.count().plus(1));
  }

  /** Returns a sequence without its first numbers. */
  private @Nullable Sequence tail(Node slice) {
    Sequence all = sequence(slice.input(0));
    Numbers start = numbers(slice.input(1));
    Numbers end = numbers(slice.input(2));
    if (all == null
        || start == null
        || end == null
        || !start.only().isInteger()
        || !end.only().isInteger()
        || start.only().integer() < 0
        || end.only().integer() < Integer.MAX_VALUE) {
      return null;
    }
    return new Sequence(
        all.first().plus(all.step().times(start.only())),
        all.step(),
        all.count().minus(start.only()));
  }

  private @Nullable BagValue followed(Node node) {
    return switch (node.type()) {
      case "Constant" ->
          node.attributes().get("value") instanceof Attribute.TensorAttr(var tensor)
              ? listed(Analysis.of(tensor).values())
              : null;
      case "Identity", "Cast", "CastLike", "Reshape", "Unsqueeze", "Squeeze" ->
          value(node.input(0));
      case "Add", "Sub" -> sum(node);
      case "Shape" -> shape(node);
      case "Gather" -> gather(node);
      case "Slice" -> slice(node);
      case "ReduceSum", "ReduceMean", "ReduceMax" -> reduce(node);
      case "Div" -> mean(node);
      case "Equal", "Greater", "Less" -> compared(node);
      case "If" -> chosen(node);
      case "SequenceInsert" ->
          value(node.input(0)) instanceof BagValue.Empty
                  && value(node.input(1)) instanceof Bag bag
                  && node.input(2).isEmpty()
              ? new Collected(bag)
              : null;
      default -> null;
    };
  }

  private static @Nullable Numbers listed(@Nullable List<Poly> known) {
    return known == null ? null : new Numbers(known);
  }

  private @Nullable BagValue sum(Node node) {
    Numbers a = numbers(node.input(0));
    Numbers b = numbers(node.input(1));
    if (a == null || b == null) {
      return null;
    }
    return Numbers.of(node.is("Add") ? a.only().plus(b.only()) : a.only().minus(b.only()));
  }

  private @Nullable BagValue shape(Node node) {
    if (!analysis.has(node.input(0)) || values.containsKey(node.input(0))) {
      return null;
    }
    Known known = analysis.get(node.input(0));
    int end = (int) Math.min(known.rank(), node.intAttribute("end", known.rank()));
    int start = (int) node.intAttribute("start", 0);
    return start < 0 || end < start
        ? null
        : new Numbers(known.axes().subList(start, end).stream().map(Axis::length).toList());
  }

  private @Nullable BagValue gather(Node node) {
    if (value(node.input(1)) instanceof Rows rows
        && rows.table().isEmpty()
        && graph.initializers().containsKey(node.input(0))
        && node.intAttribute("axis", 0) == 0) {
      return new Rows(rows.source(), rows.from(), rows.to(), node.input(0));
    }
    Numbers at = numbers(node.input(1));
    return at != null && value(node.input(0)) instanceof Sequence sequence
        ? Numbers.of(sequence.first().plus(sequence.step().times(at.only())))
        : null;
  }

  private @Nullable BagValue slice(Node node) {
    Numbers start = numbers(node.input(1));
    Numbers end = numbers(node.input(2));
    Numbers axes = node.input(3).isEmpty() ? Numbers.of(Poly.ZERO) : numbers(node.input(3));
    if (start == null || end == null || axes == null || !axes.only().is(0)) {
      return null;
    }
    if (value(node.input(0)) instanceof Sequence sequence) {
      return end.only().minus(start.only()).is(1)
          ? Numbers.of(sequence.first().plus(sequence.step().times(start.only())))
          : null;
    }
    boolean outside = analysis.has(node.input(0)) && !values.containsKey(node.input(0));
    return outside && node.input(4).isEmpty()
        ? new Rows(node.input(0), start.only(), end.only(), "")
        : null;
  }

  private @Nullable BagValue reduce(Node node) {
    Numbers given = node.input(1).isEmpty() ? null : numbers(node.input(1));
    long[] axes = node.intsAttribute("axes");
    boolean first =
        given == null
            ? axes.length == 1 && axes[0] == 0
            : given.values().equals(List.of(Poly.ZERO));
    return first && value(node.input(0)) instanceof Rows rows
        ? new Bag(rows, node.type(), node.intAttribute("keepdims", 1) == 1)
        : null;
  }

  private @Nullable BagValue mean(Node node) {
    Numbers count = numbers(node.input(1));
    return count != null
            && value(node.input(0)) instanceof Bag bag
            && bag.reduction().equals("ReduceSum")
            && count.only().equals(bag.rows().to().minus(bag.rows().from()))
        ? new Bag(bag.rows(), "ReduceMean", bag.keepsAxis())
        : null;
  }

  private @Nullable BagValue compared(Node node) {
    Numbers a = numbers(node.input(0));
    Numbers b = numbers(node.input(1));
    if (a == null || b == null) {
      return null;
    }
    Poly difference = a.only().minus(b.only());
    boolean more = isPositive(difference);
    boolean less = isPositive(difference.times(Poly.of(-1)));
    if (more || less) {
      boolean holds = node.is("Greater") ? more : node.is("Less") && less;
      return Numbers.of(holds ? Poly.ONE : Poly.ZERO);
    }
    return node.is("Equal") ? new Choice(a.only(), b.only()) : null;
  }

  /** Returns whether a value is above 0 when every length is at least 1. */
  private static boolean isPositive(Poly value) {
    var longer = new HashMap<String, Poly>();
    for (String symbol : value.symbols()) {
      longer.put(symbol, symbol.equals("#i") ? Poly.symbol(symbol) : Poly.symbol(symbol).plus(1));
    }
    return value.with(longer).plus(-1).neverNegative();
  }

  private @Nullable BagValue chosen(Node node) {
    if (!(node.attributes().get("then_branch") instanceof Attribute.GraphAttr(Graph yes))
        || !(node.attributes().get("else_branch") instanceof Attribute.GraphAttr(Graph no))) {
      return null;
    }
    BagValue condition = value(node.input(0));
    if (condition instanceof Numbers numbers && numbers.only().isInteger()) {
      Graph taken = numbers.only().is(0) ? no : yes;
      return follow(taken, taken.outputs().getFirst().name());
    }
    if (!(condition instanceof Choice choice) || !choice.left().equals(ITERATION)) {
      return null;
    }
    BagValue usual = follow(no, no.outputs().getFirst().name());
    var last = new BagBody(graph, analysis);
    values.forEach((name, value) -> last.set(name, at(value, choice.right())));
    BagValue ending = last.follow(yes, yes.outputs().getFirst().name());
    return usual != null && at(usual, choice.right()).equals(ending) ? usual : null;
  }

  /** Returns a value in one iteration. */
  private static BagValue at(BagValue value, Poly iteration) {
    Map<String, Poly> now = Map.of("#i", iteration);
    return switch (value) {
      case Numbers numbers ->
          new Numbers(numbers.values().stream().map(each -> each.with(now)).toList());
      case Rows rows ->
          new Rows(rows.source(), rows.from().with(now), rows.to().with(now), rows.table());
      case Bag bag -> new Bag((Rows) at(bag.rows(), iteration), bag.reduction(), bag.keepsAxis());
      case Collected collected -> new Collected((Bag) at(collected.each(), iteration));
      case Choice choice -> new Choice(choice.left().with(now), choice.right().with(now));
      case Sequence sequence -> sequence;
      case BagValue.Empty empty -> empty;
    };
  }
}
