package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Atom;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a coloured graph where the user's tensors meet the candidates'.
 *
 * <pre>
 * user ─ Gather ─ MatMul ─ K ─ Transpose ─ MatMul ─ scores          before
 *                        candidate ─ Gather ─┘
 * user ─ Gather ─ MatMul ─ K                                        after: K is the state
 * K ─ Transpose ─ MatMul ─ scores
 * candidate ─ Gather ─┘
 * </pre>
 *
 * Views of a user's tensor are computed on the candidates' side, so that no state tensor is a view
 * of another. Constants and lengths are written into each half that needs them.
 */
final class Cut {
  private static final Set<String> VIEWS =
      Set.of(
          "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Cast", "Identity");

  /** Operators that would read a user's row beside many candidates' without repeating it. */
  private static final Set<String> NEEDS_ALL_ROWS =
      Set.of(
          "Concat",
          "GatherElements",
          "GatherND",
          "ScatterElements",
          "ScatterND",
          "Einsum",
          "Reshape",
          "Flatten",
          "Gemm",
          "GRU",
          "LSTM",
          "RNN");

  private final Model model;
  private final Graph graph;
  private final Analysis analysis;
  private final Roles roles;
  private final Layout layout;
  private final Map<String, Poly> single;
  private final List<StateTensor> state = new ArrayList<>();
  private final Map<String, String> stateNames = new LinkedHashMap<>();
  private final Map<String, String> unrepeated = new HashMap<>();
  private final Map<String, String> onceNames = new HashMap<>();

  Cut(Model model, Analysis analysis, Roles roles, Layout layout) {
    this.model = model;
    this.graph = model.graph();
    this.analysis = analysis;
    this.roles = roles;
    this.layout = layout;
    this.single = Map.of(layout.rows(), Poly.ONE);
  }

  /** The two halves and what goes from one to the other. */
  record Halves(Model user, Model candidate, List<StateTensor> state) {}

  Halves halves() {
    Set<String> candidateSide = candidateSide();
    Graph candidate = write(candidateSide, false);
    Graph user = write(userSide(), true);
    return new Halves(model.withGraph(user), model.withGraph(candidate), List.copyOf(state));
  }

  private Colour colour(Node node) {
    return node.outputs().stream()
        .filter(output -> !output.isEmpty())
        .map(output -> analysis.get(output).colour())
        .reduce(Colour.CONSTANT, Colour::join);
  }

  private boolean isLength(String value) {
    return !value.isEmpty()
        && !graph.initializers().containsKey(value)
        && analysis.get(value).values() != null;
  }

  private Set<String> candidateSide() {
    var needed = new LinkedHashSet<String>();
    graph.outputs().forEach(output -> needed.add(output.name()));
    var frontier = new LinkedHashSet<String>();
    var wanted = new LinkedHashSet<String>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().noneMatch(needed::contains)) {
        continue;
      }
      boolean users = colour(node) == Colour.USER;
      if (users && !VIEWS.contains(node.type())) {
        node.outputs().stream().filter(needed::contains).forEach(frontier::add);
        continue;
      }
      node.inputs().stream().filter(input -> !input.isEmpty()).forEach(needed::add);
      node.inputs().stream()
          .filter(input -> !input.isEmpty() && isLength(input))
          .forEach(input -> {
            needed.remove(input);
            wanted.add(input);
          });
    }
    addState(frontier, needed);
    addLengthSources(wanted, needed);
    return needed;
  }

  /** Lists the state in the order in which the graph writes it; raw columns come first. */
  private void addState(Set<String> frontier, Set<String> needed) {
    for (ValueInfo input : roles.inputs(graph, Role.USER)) {
      if (needed.contains(input.name())) {
        addState(input.name(), input.name() + "#user");
      }
    }
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (frontier.contains(output)) {
          addState(output, isOutput(output) ? output + "#user" : output);
        }
      }
    }
  }

  private boolean isOutput(String value) {
    return graph.outputs().stream().anyMatch(output -> output.name().equals(value));
  }

  private void addState(String value, String name) {
    state.add(StateTensor.of(name, value, analysis.get(value), single));
    stateNames.put(value, name);
  }

  /** Hands over a user column whose length the candidates' side needs and no tensor there has. */
  private void addLengthSources(Set<String> wanted, Set<String> needed) {
    Lengths lengths = new Lengths(new ArrayList<>(), new LinkedHashMap<>(), "");
    candidateSources(lengths);
    for (String symbol : symbols(wanted)) {
      String column = lengths.has(symbol) ? null : userColumn(symbol);
      if (column != null) {
        addState(column, column + "#user");
        needed.add(column);
        candidateSources(lengths);
      }
    }
  }

  /** Returns the lengths that length-like values are made of. */
  private Set<String> symbols(Set<String> values) {
    var symbols = new LinkedHashSet<String>();
    for (String value : values) {
      for (Poly element : java.util.Objects.requireNonNull(analysis.get(value).values())) {
        symbols.addAll(element.symbols());
      }
    }
    return symbols;
  }

  private @Nullable String userColumn(String symbol) {
    for (ValueInfo input : roles.inputs(graph, Role.USER)) {
      boolean has =
          analysis.get(input.name()).axes().stream()
              .anyMatch(axis -> axis.length().equals(Poly.symbol(symbol)));
      if (has) {
        return input.name();
      }
    }
    return null;
  }

  private void candidateSources(Lengths lengths) {
    for (ValueInfo input : graph.inputs()) {
      Colour colour = analysis.get(input.name()).colour();
      if (colour == Colour.CANDIDATE || colour == Colour.CONTEXT) {
        sources(lengths, input.name(), analysis.get(input.name()), colour);
      }
    }
    for (StateTensor tensor : state) {
      for (int i = 0; i < tensor.lengths().size(); i++) {
        lengths.source(tensor.name(), i, tensor.lengths().get(i));
      }
    }
  }

  private void sources(Lengths lengths, String tensor, Known known, Colour colour) {
    for (int i = 0; i < known.rank(); i++) {
      Poly length = known.axis(i).length();
      lengths.source(tensor, i, colour == Colour.CANDIDATE ? length : length.with(single));
    }
  }

  private Set<String> userSide() {
    var needed = new LinkedHashSet<String>();
    var wanted = new LinkedHashSet<String>();
    state.forEach(tensor -> needed.add(tensor.value()));
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        node.inputs().stream()
            .filter(input -> !input.isEmpty())
            .forEach(input -> (isLength(input) ? wanted : needed).add(input));
      }
    }
    Lengths lengths = new Lengths(new ArrayList<>(), new LinkedHashMap<>(), "");
    for (ValueInfo input : roles.inputs(graph, Role.USER)) {
      if (needed.contains(input.name())) {
        sources(lengths, input.name(), analysis.get(input.name()), Colour.USER);
      }
    }
    for (String symbol : symbols(wanted)) {
      String column = lengths.has(symbol) ? null : userColumn(symbol);
      if (column != null) {
        needed.add(column);
      }
    }
    return needed;
  }

  private Graph write(Set<String> needed, boolean user) {
    var nodes = new ArrayList<Node>();
    var constants = new LinkedHashMap<String, TensorData>();
    var lengths = new Lengths(nodes, constants, user ? "#user" : "#cand");
    var inputs = inputs(needed, user, lengths);
    graph
        .initializers()
        .forEach((name, tensor) -> {
          if (needed.contains(name)) {
            constants.put(name, tensor);
          }
        });
    for (Node node : graph.nodes()) {
      boolean here =
          node.outputs().stream().anyMatch(needed::contains)
              && (user || node.outputs().stream().noneMatch(stateNames::containsKey));
      if (here && repeatsRowsOnly(node)) {
        unrepeated.put(node.output(), node.input(0));
      } else if (here && node.outputs().stream().noneMatch(this::isLength)) {
        List<String> operands = operands(node, user, lengths);
        int folded = user ? -1 : FoldedProduct.axis(node, analysis);
        if (folded >= 0) {
          int rank = analysis.get(node.input(0)).rank();
          nodes.addAll(FoldedProduct.nodes(node, operands, folded, rank));
        } else {
          Node written = node.withInputs(operands);
          nodes.add(user ? written : once(written));
        }
      }
    }
    var outputs = user ? stateOutputs(nodes) : wholeOutputs(nodes, lengths);
    return new Graph(graph.name(), inputs, outputs, constants, nodes);
  }

  /** Returns a node whose outputs, where they are the whole's but nobody's row, have a new name. */
  private Node once(Node node) {
    if (colour(node) == Colour.CANDIDATE) {
      return node;
    }
    node.outputs().stream()
        .filter(this::isOutput)
        .forEach(output -> onceNames.put(output, output + "#once"));
    return node.withOutputs(
        node.outputs().stream().map(name -> onceNames.getOrDefault(name, name)).toList());
  }

  /** Returns whether a node only repeats for every candidate what is stored once. */
  private boolean repeatsRowsOnly(Node node) {
    if (!node.is("Expand") || colour(node) == Colour.CANDIDATE) {
      return false;
    }
    List<Poly> before = stored(analysis.get(node.input(0)));
    return before.equals(stored(analysis.get(node.output())));
  }

  private List<Poly> stored(Known known) {
    return known.axes().stream().map(axis -> axis.length().with(single)).toList();
  }

  private List<ValueInfo> inputs(Set<String> needed, boolean user, Lengths lengths) {
    var inputs = new ArrayList<ValueInfo>();
    for (ValueInfo input : graph.inputs()) {
      Known known = analysis.get(input.name());
      boolean users = known.colour() == Colour.USER;
      if (users != user || (user && !needed.contains(input.name()))) {
        continue;
      }
      inputs.add(known.colour() == Colour.CANDIDATE ? input : oneRow(input));
      sources(lengths, input.name(), known, known.colour());
    }
    if (!user) {
      state.forEach(tensor -> inputs.add(tensor.info()));
      candidateSources(lengths);
    }
    return inputs;
  }

  private ValueInfo oneRow(ValueInfo input) {
    if (layout.form() == Layout.Form.GROUPED || input.dims() == null || input.dims().isEmpty()) {
      return input;
    }
    var dims = new ArrayList<>(input.dims());
    dims.set(0, new Dim.Fixed(1));
    return new ValueInfo(input.name(), input.dtype(), dims);
  }

  private List<String> operands(Node node, boolean user, Lengths lengths) {
    Colour colour = colour(node);
    var operands = new ArrayList<String>();
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.input(i);
      if (input.isEmpty()) {
        operands.add(input);
      } else if (isLength(input)) {
        operands.add(
            lengths.write(
                input, analysis.get(input), colour == Colour.CANDIDATE ? Map.of() : single));
      } else {
        String name = written(input, user);
        operands.add(
            !user && colour == Colour.CANDIDATE && NEEDS_ALL_ROWS.contains(node.type())
                ? allRows(name, analysis.get(input), lengths)
                : name);
      }
    }
    return operands;
  }

  /** Returns what a value of the whole graph is called in a half. */
  private String written(String value, boolean user) {
    String source = value;
    while (unrepeated.containsKey(source)) {
      source = unrepeated.get(source);
    }
    return user ? source : stateNames.getOrDefault(source, onceNames.getOrDefault(source, source));
  }

  /**
   * Returns a tensor with one row repeated for every candidate, where it stands for all of them.
   */
  private String allRows(String name, Known known, Lengths lengths) {
    if (known.colour() == Colour.CANDIDATE || known.axes().stream().noneMatch(Axis::hasRows)) {
      return name;
    }
    var shape = new ArrayList<Poly>();
    for (Axis axis : known.axes()) {
      if (axis.hasRows() && axis.atoms().size() > 1) {
        throw new SplitRefusal(
            SplitRefusal.Code.RESHAPE_MIXES_ROWS,
            null,
            -1,
            "\"" + name + "\" has the candidates' rows merged into an axis " + axis,
            "export without merging the batch axis");
      }
      shape.add(axis.atoms().stream().anyMatch(Atom::row) ? axis.length() : Poly.ONE);
    }
    var target =
        new Known(DType.INT64, List.of(Axis.of(shape.size())), Colour.CONSTANT, shape, null, null);
    String length = lengths.write(name + "#rows", target, Map.of());
    return lengths.node(name + "#rows", "Expand", Map.of(), List.of(name, length));
  }

  private List<ValueInfo> stateOutputs(List<Node> nodes) {
    var outputs = new ArrayList<ValueInfo>();
    for (StateTensor tensor : state) {
      if (!tensor.name().equals(tensor.value())) {
        nodes.add(
            Node.of(
                tensor.name(),
                "Identity",
                List.of(tensor.value()),
                List.of(tensor.name()),
                Map.of()));
      }
      outputs.add(tensor.info());
    }
    return outputs;
  }

  /** Writes the outputs; those that don't depend on the candidates are repeated for each. */
  private List<ValueInfo> wholeOutputs(List<Node> nodes, Lengths lengths) {
    if (graph.outputs().stream()
        .noneMatch(output -> analysis.get(output.name()).colour() == Colour.CANDIDATE)) {
      throw noCandidate(graph.outputs().getFirst().name());
    }
    for (ValueInfo output : graph.outputs()) {
      Known known = analysis.get(output.name());
      String once = written(output.name(), false);
      if (known.colour() == Colour.CANDIDATE) {
        continue;
      }
      if (once.equals(output.name())) {
        throw noCandidate(output.name());
      }
      String rows = allRows(once, known, lengths);
      nodes.add(
          Node.of(
              output.name() + "#rows",
              "Identity",
              List.of(rows),
              List.of(output.name()),
              Map.of()));
    }
    return graph.outputs();
  }

  private SplitRefusal noCandidate(String output) {
    return new SplitRefusal(
        SplitRefusal.Code.NO_CANDIDATE,
        graph.producers().get(output),
        -1,
        "output \"" + output + "\" does not depend on the candidates",
        "leave it out of the ranking graph, or give the roles another way round");
  }
}
