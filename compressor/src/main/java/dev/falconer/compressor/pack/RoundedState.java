package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import dev.falconer.compressor.pass.RemoveDead;
import dev.falconer.packed.RoundedTokens;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keys and values rounded by the user graph, where a candidate graph attends in int8: once per user
 * instead of in every call, and a quarter of the bytes to read. Scores are the same to the bit.
 *
 * <pre>
 * user graph  .. key ─┬────────────────── state
 *                     └ .. RoundTokens ─ state, key.int8 ─ CandidateBlock ..  candidate graph
 * </pre>
 *
 * <p>What the candidate graph does to them before, {@link SmoothedTokens}, goes into the user
 * graph, too.
 *
 * @param candidate the packed graph, which reads rounded what it can
 * @param tokens what the user graph has to round, in the order of the candidate graph's inputs
 */
public record RoundedState(Model candidate, List<Tokens> tokens) {
  private static final String OPERATOR = "RoundTokens";
  private static final String SUFFIX = ".int8";
  private static final Set<String> ATTENDING = Set.of("CandidateBlock", "CandidateAttention");
  private static final List<Integer> READ = List.of(1, 2); // keys, values

  /**
   * A tensor of the state that is also rounded.
   *
   * @param state the tensor's name; its last axis holds heads of {@code width} floats
   * @param name of the rounded one
   * @param columns length of its last axis
   * @param before what is done to the tensor before it is rounded, each by a constant
   */
  public record Tokens(String state, String name, int width, long columns, List<Step> before) {
    /** Copies the list. */
    public Tokens {
      before = List.copyOf(before);
    }
  }

  /** A node of one tensor and a constant. */
  public record Step(String type, TensorData constant) {}

  /** Copies the list. */
  public RoundedState {
    tokens = List.copyOf(tokens);
  }

  /** Returns a packed candidate graph with what it can read rounded. */
  public static RoundedState of(Model packed) {
    Graph graph = packed.graph();
    var found = new LinkedHashMap<String, Tokens>();
    List<Node> nodes = graph.nodes().stream().map(node -> reading(node, graph, found)).toList();
    if (found.isEmpty()) {
      return new RoundedState(packed, List.of());
    }
    Model live = new RemoveDead().apply(packed.withGraph(graph.withNodes(nodes)));
    return new RoundedState(
        live.withGraph(graph(live.graph(), found)), List.copyOf(found.values()));
  }

  /**
   * Returns a node, reading keys and values rounded where it can: both or none, and every tensor of
   * the state rounded in one way only.
   */
  private static Node reading(Node node, Graph graph, Map<String, Tokens> found) {
    var known = new LinkedHashMap<>(found);
    var inputs = new ArrayList<>(node.inputs());
    for (int i : READ) {
      Optional<Tokens> tokens =
          attendsInInt8(node) ? tokens(node, graph, node.input(i)) : Optional.empty();
      if (tokens
          .filter(each -> each.equals(known.computeIfAbsent(each.state, _ -> each)))
          .isEmpty()) {
        return node;
      }
      inputs.set(i, tokens.get().name);
    }
    found.putAll(known);
    return node.withInputs(inputs);
  }

  private static boolean attendsInInt8(Node node) {
    return node.domain().equals(Packing.DOMAIN)
        && ATTENDING.contains(node.type())
        && node.textAttribute("attention", "").equals("int8");
  }

  /** Returns a node's keys or values rounded, where they are a state's. */
  private static Optional<Tokens> tokens(Node node, Graph graph, String value) {
    var before = new ArrayList<Step>();
    String state = value;
    Optional<Node> step = step(graph, state);
    while (step.isPresent()) {
      TensorData constant = graph.initializers().get(step.get().input(1));
      before.addFirst(new Step(step.get().type(), Objects.requireNonNull(constant)));
      state = step.get().input(0);
      step = step(graph, state);
    }
    String input = state;
    return graph.inputs().stream()
        .filter(each -> each.name().equals(input))
        .findFirst()
        .flatMap(each -> tokens(node, each, before));
  }

  /**
   * Returns the node that writes a value, if it takes a constant from a tensor or multiplies it.
   */
  private static Optional<Node> step(Graph graph, String value) {
    return graph.nodes().stream()
        .filter(node -> node.output().equals(value))
        .filter(node -> node.is("Sub") || node.is("Mul"))
        .filter(node -> graph.initializers().containsKey(node.input(1)))
        .findFirst();
  }

  /** Returns them where their last axis is known to hold heads. */
  private static Optional<Tokens> tokens(Node node, ValueInfo input, List<Step> before) {
    List<Dim> dims = input.dims();
    if (dims == null || dims.size() < 3 || !(dims.getLast() instanceof Dim.Fixed(long last))) {
      return Optional.empty();
    }
    long heads = node.intAttribute("heads", 1);
    boolean isFlat = node.intAttribute("tokens_first", 0) != 0 && dims.size() == 3;
    int width = Math.toIntExact(isFlat ? last / heads : last);
    long columns = last / width * RoundedTokens.bytes(width);
    return Optional.of(new Tokens(input.name(), input.name() + SUFFIX, width, columns, before));
  }

  /** Returns the graph with rounded inputs, and without those that nothing reads any more. */
  private static Graph graph(Graph graph, Map<String, Tokens> found) {
    Set<String> read = new HashSet<>();
    graph.nodes().forEach(node -> read.addAll(node.inputs()));
    graph.outputs().forEach(output -> read.add(output.name()));
    var inputs = new ArrayList<ValueInfo>();
    for (ValueInfo input : graph.inputs()) {
      Tokens tokens = found.get(input.name());
      if (tokens == null || read.contains(input.name())) {
        inputs.add(input);
      }
      if (tokens != null) {
        inputs.add(rounded(input, tokens));
      }
    }
    return new Graph(graph.name(), inputs, graph.outputs(), graph.initializers(), graph.nodes());
  }

  private static ValueInfo rounded(ValueInfo state, Tokens tokens) {
    List<Dim> dims = state.dims();
    if (dims == null) {
      return new ValueInfo(tokens.name, DType.UINT8, null);
    }
    var axes = new ArrayList<>(dims);
    axes.set(axes.size() - 1, new Dim.Fixed(tokens.columns));
    return new ValueInfo(tokens.name, DType.UINT8, axes);
  }

  /**
   * Returns a user graph that also gives the rounded tensors.
   *
   * @throws IllegalArgumentException when it doesn't give one of those that are to be rounded
   */
  public Model user(Model user) {
    Graph graph = user.graph();
    var nodes = new ArrayList<>(graph.nodes());
    var outputs = new ArrayList<>(graph.outputs());
    var initializers = new LinkedHashMap<>(graph.initializers());
    for (Tokens each : tokens) {
      ValueInfo state =
          graph.outputs().stream()
              .filter(output -> output.name().equals(each.state))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "the user graph has no output \"%s\"".formatted(each.state)));
      String from = each.state;
      String to = each.name;
      for (Step step : each.before) {
        to += "#" + step.type; // each time another
        initializers.put(to + "#constant", step.constant);
        nodes.add(
            new Node(
                to,
                "",
                step.type,
                List.of(from, to + "#constant"),
                List.of(to),
                Map.of(),
                Map.of()));
        from = to;
      }
      nodes.add(
          new Node(
              each.name,
              Packing.DOMAIN,
              OPERATOR,
              List.of(from),
              List.of(each.name),
              Map.of("width", Attribute.of(each.width)),
              Map.of()));
      outputs.add(rounded(state, each));
    }
    Map<String, Long> opsets = new TreeMap<>(user.opsets());
    opsets.put(Packing.DOMAIN, 1L);
    var grown = new Graph(graph.name(), graph.inputs(), outputs, initializers, nodes);
    return new Model(grown, user.irVersion(), opsets, user.metadata());
  }
}
