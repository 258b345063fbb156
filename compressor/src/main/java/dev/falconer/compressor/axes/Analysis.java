package dev.falconer.compressor.axes;

import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of every tensor of a graph, found in one walk from the inputs. Lengths that meet
 * elementwise are the same length: the walk starts again with that knowledge. That the walk ends
 * proves that each candidate is scored by itself: no operator joins, sorts, normalises or reshapes
 * across the candidates' rows.
 */
public final class Analysis {
  /**
   * A named length that an operator fixes.
   *
   * @param node name of the node that does
   */
  public record FixedLength(String length, Poly value, String node) {}

  /**
   * A named length that an operator needs to be no shorter.
   *
   * @param node name of the node that does
   */
  public record ShortestLength(String length, long value, String node) {}

  private static final Layout NO_ROWS = new Layout(Layout.Form.GROUPED, "no rows");

  private final Map<String, Known> known;
  private final List<FixedLength> fixed;
  private final List<ShortestLength> shortest;

  private Analysis(
      Map<String, Known> known, List<FixedLength> fixed, List<ShortestLength> shortest) {
    this.known = known;
    this.fixed = List.copyOf(fixed);
    this.shortest = List.copyOf(shortest);
  }

  /**
   * Returns what is known of a model's tensors.
   *
   * @throws SplitRefusal when candidates mix or an operator has no rule
   */
  public static Analysis of(Model model, Roles roles, Layout layout) {
    return of(model, roles, layout, false);
  }

  /**
   * Returns what can be told of the tensors of any graph, whoever gives its inputs. Nothing is said
   * of the results of operators that have no rule, or are refused, nor of what needs them. Some of
   * com.microsoft's operators have rules here.
   */
  public static Analysis partial(Model model) {
    var roles = new HashMap<String, Role>();
    model.graph().inputs().forEach(input -> roles.put(input.name(), Role.USER));
    return of(model, new Roles(roles), NO_ROWS, true);
  }

  private static Analysis of(Model model, Roles roles, Layout layout, boolean isPartial) {
    var lengths = new HashMap<String, Poly>();
    var fixed = new ArrayList<FixedLength>();
    var shortest = new ArrayList<ShortestLength>();
    while (true) {
      try {
        var atLeast = new HashMap<String, Long>();
        shortest.forEach(each -> atLeast.merge(each.length(), each.value(), Math::max));
        return new Analysis(
            walk(model, roles, layout, lengths, atLeast, isPartial), fixed, shortest);
      } catch (TooShort found) {
        shortest.add(found.found);
      } catch (LengthsMeet meeting) {
        lengths.replaceAll((_, value) -> value.with(Map.of(meeting.symbol, meeting.value)));
        lengths.put(meeting.symbol, meeting.value);
        fixed.add(new FixedLength(meeting.symbol, meeting.value, meeting.node));
      }
    }
  }

  private static Map<String, Known> walk(
      Model model,
      Roles roles,
      Layout layout,
      Map<String, Poly> lengths,
      Map<String, Long> atLeast,
      boolean isPartial) {
    Graph graph = model.graph();
    var known = new LinkedHashMap<String, Known>();
    for (ValueInfo input : graph.inputs()) {
      if (!isPartial || input.dims() != null) {
        known.put(input.name(), input(input, roles.of(input.name()), layout, lengths));
      }
    }
    graph.initializers().forEach((name, tensor) -> known.put(name, Constants.known(tensor)));
    Poly row = Poly.symbol(layout.rows());
    for (Node node : graph.nodes()) {
      var scope = new Scope(model, known, node, row, atLeast);
      List<Known> results = isPartial ? known(scope) : Rules.apply(scope);
      for (int i = 0; i < node.outputs().size() && !(isPartial && i >= results.size()); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          known.put(node.outputs().get(i), scope.checked(results.get(i)));
        }
      }
    }
    return known;
  }

  /** Returns what a node's results are, none where that can't be told. */
  private static List<Known> known(Scope scope) {
    boolean readsKnown =
        scope.node().inputs().stream()
            .allMatch(input -> input.isEmpty() || scope.known().containsKey(input));
    if (!readsKnown) {
      return List.of();
    }
    try {
      return Contributed.has(scope.node()) ? Contributed.apply(scope) : Rules.apply(scope);
    } catch (SplitRefusal noRule) {
      return List.of();
    }
  }

  private static Known input(ValueInfo input, Role role, Layout layout, Map<String, Poly> lengths) {
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    var axes = new ArrayList<Axis>();
    for (int i = 0; i < dims.size(); i++) {
      boolean candidates = role == Role.CANDIDATE && i == layout.rowAxis();
      if (candidates || (layout.form() == Layout.Form.ROW_WISE && i == 0)) {
        axes.add(Axis.of(Poly.symbol(layout.rows()), true, candidates));
        continue;
      }
      Poly length =
          switch (dims.get(i)) {
            case Dim.Fixed(long value) -> Poly.of(value);
            case Dim.Symbol(String name) -> Poly.symbol(name);
            case Dim.Unknown _ -> Poly.symbol(input.name() + "#" + i);
          };
      axes.add(Axis.of(length.with(lengths), false, true));
    }
    Colour colour =
        switch (role) {
          case USER, LENGTH -> Colour.USER;
          case CONTEXT -> Colour.CONTEXT;
          case CANDIDATE -> Colour.CANDIDATE;
        };
    return Known.of(input.dtype(), axes, colour);
  }

  /** Returns whether there is a tensor of that name. */
  public boolean has(String value) {
    return known.containsKey(value);
  }

  /** Returns what is known of a tensor. */
  public Known get(String value) {
    Known found = known.get(value);
    if (found == null) {
      throw new IllegalArgumentException("no tensor \"" + value + "\"");
    }
    return found;
  }

  /** Returns what is known of a constant that is in no graph yet. */
  public static Known of(TensorData constant) {
    return Constants.known(constant);
  }

  /** Returns the lengths that operators fix, in the order found. */
  public List<FixedLength> fixed() {
    return fixed;
  }

  /** Returns the lengths that operators need, in the order found. */
  public List<ShortestLength> shortest() {
    return shortest;
  }

  /** A length must be no shorter. */
  static final class TooShort extends RuntimeException {
    private final transient ShortestLength found;

    TooShort(ShortestLength found) {
      super(found.toString(), null, false, false);
      this.found = found;
    }
  }

  /** Two lengths are one. */
  static final class LengthsMeet extends RuntimeException {
    private final String symbol;
    private final transient Poly value;
    private final String node;

    LengthsMeet(String symbol, Poly value, String node) {
      super(symbol + " = " + value, null, false, false);
      this.symbol = symbol;
      this.value = value;
      this.node = node;
    }
  }
}
