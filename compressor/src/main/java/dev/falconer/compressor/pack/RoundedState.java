package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import dev.falconer.packed.RoundedTokens;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Keys and values rounded by the user graph, where a candidate graph attends in int8: once per user
 * instead of in every call, and a quarter of the bytes to read. Scores are the same to the bit.
 *
 * <pre>
 * user graph  .. key ─┬──────────── state
 *                     └ RoundTokens ─ state, key.int8 ─ CandidateBlock ..  candidate graph
 * </pre>
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
   */
  public record Tokens(String state, String name, int width, long columns) {}

  /** Copies the list. */
  public RoundedState {
    tokens = List.copyOf(tokens);
  }

  /** Returns a packed candidate graph with what it can read rounded. */
  public static RoundedState of(Model packed) {
    Graph graph = packed.graph();
    var found = new LinkedHashMap<String, Tokens>();
    List<Node> nodes = graph.nodes().stream().map(node -> reading(node, graph, found)).toList();
    return found.isEmpty()
        ? new RoundedState(packed, List.of())
        : new RoundedState(
            packed.withGraph(graph(graph, nodes, found)), List.copyOf(found.values()));
  }

  /** Returns a node, reading keys and values rounded where it can: both or none. */
  private static Node reading(Node node, Graph graph, Map<String, Tokens> found) {
    List<Tokens> read =
        graph.inputs().stream()
            .filter(_ -> attendsInInt8(node))
            .filter(input -> READ.stream().anyMatch(i -> node.input(i).equals(input.name())))
            .flatMap(input -> tokens(node, input).stream())
            .filter(tokens -> found.getOrDefault(tokens.state, tokens).equals(tokens))
            .toList();
    Map<String, Tokens> byState =
        read.stream().collect(Collectors.toMap(Tokens::state, Function.identity()));
    var inputs = new ArrayList<>(node.inputs());
    for (int i : READ) {
      Tokens tokens = i < inputs.size() ? byState.get(inputs.get(i)) : null;
      if (tokens == null) {
        return node;
      }
      inputs.set(i, tokens.name);
    }
    read.forEach(tokens -> found.put(tokens.state, tokens));
    return node.withInputs(inputs);
  }

  private static boolean attendsInInt8(Node node) {
    return node.domain().equals(Packing.DOMAIN)
        && ATTENDING.contains(node.type())
        && node.textAttribute("attention", "").equals("int8");
  }

  /** Returns a node's keys or values rounded, where their last axis is known to hold heads. */
  private static Optional<Tokens> tokens(Node node, ValueInfo input) {
    List<Dim> dims = input.dims();
    if (dims == null || dims.size() < 3 || !(dims.getLast() instanceof Dim.Fixed(long last))) {
      return Optional.empty();
    }
    long heads = node.intAttribute("heads", 1);
    boolean isFlat = node.intAttribute("tokens_first", 0) != 0 && dims.size() == 3;
    int width = Math.toIntExact(isFlat ? last / heads : last);
    long columns = last / width * RoundedTokens.bytes(width);
    return Optional.of(new Tokens(input.name(), input.name() + SUFFIX, width, columns));
  }

  /** Returns the graph with rounded inputs, and without those that nothing reads any more. */
  private static Graph graph(Graph graph, List<Node> nodes, Map<String, Tokens> found) {
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(node.inputs()));
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
    return new Graph(graph.name(), inputs, graph.outputs(), graph.initializers(), nodes);
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
    for (Tokens each : tokens) {
      ValueInfo state =
          graph.outputs().stream()
              .filter(output -> output.name().equals(each.state))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "the user graph has no output \"%s\"".formatted(each.state)));
      nodes.add(
          new Node(
              each.name,
              Packing.DOMAIN,
              OPERATOR,
              List.of(each.state),
              List.of(each.name),
              Map.of("width", Attribute.of(each.width)),
              Map.of()));
      outputs.add(rounded(state, each));
    }
    Map<String, Long> opsets = new TreeMap<>(user.opsets());
    opsets.put(Packing.DOMAIN, 1L);
    var grown = new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes);
    return new Model(grown, user.irVersion(), opsets, user.metadata());
  }
}
