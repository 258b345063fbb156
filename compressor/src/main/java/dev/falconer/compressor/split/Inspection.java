package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Analysis.FixedLength;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.onnx.ValueInfo.Dim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a model file holds and whose its inputs look like, before anything is split.
 *
 * @param guesses one per input
 * @param axes of each input: the rows, lengths by name, integers
 * @param operators number of nodes by operator, control flow's bodies counted
 * @param bytes of constants
 * @param work operations of scoring one candidate by itself
 * @param fixed lengths that operators fix
 * @param outlook what splitting by the guessed roles gives
 */
public record Inspection(
    Model model,
    List<RoleGuess> guesses,
    List<List<String>> axes,
    Map<String, Integer> operators,
    long parameters,
    long bytes,
    Work work,
    List<FixedLength> fixed,
    Outlook outlook) {
  /**
   * Work of one row.
   *
   * @param operations as {@link Flops} counts them
   * @param history events assumed
   * @param missing nodes that could not be counted
   */
  public record Work(double operations, long history, int missing) {}

  /**
   * What the splitter would do.
   *
   * @param splits whether it finds halves
   * @param share of a row's work that is not paid per candidate, in [0, 1]; 0 without halves
   * @param reason of a refusal; empty when it splits
   */
  public record Outlook(boolean splits, double share, String reason) {}

  /** Copies the collections. */
  public Inspection {
    guesses = List.copyOf(guesses);
    axes = axes.stream().map(List::copyOf).toList();
    operators = java.util.Collections.unmodifiableMap(new TreeMap<>(operators));
    fixed = List.copyOf(fixed);
  }

  /**
   * Returns what is found without running the model; constants are computed by the given runtime.
   */
  public static Inspection of(Model model, Runner.Factory runners) {
    List<RoleGuess> guesses = RoleGuess.of(model);
    Roles guessed = RoleGuess.roles(guesses);
    Roles complete = completed(model.graph(), guessed);
    Layout layout =
        complete.byInput().containsValue(Role.CANDIDATE)
            ? Layout.of(model.graph(), complete)
            : new Layout(Layout.Form.ROW_WISE, "candidates");
    Counted counted = counted(model, complete, layout);
    return new Inspection(
        model,
        guesses,
        model.graph().inputs().stream()
            .map(input -> axes(input, complete.of(input.name()), layout, counted.fixed))
            .toList(),
        operators(model.graph(), new TreeMap<>()),
        model.graph().parameters(),
        model.graph().initializers().values().stream().mapToLong(Inspection::bytes).sum(),
        counted.work,
        counted.fixed,
        outlook(model, guesses, guessed, runners));
  }

  /** Returns the roles with every other input taken for the candidates', which costs as much. */
  private static Roles completed(Graph graph, Roles guessed) {
    var all = new HashMap<>(guessed.byInput());
    graph.inputs().forEach(input -> all.putIfAbsent(input.name(), Role.CANDIDATE));
    return new Roles(all);
  }

  private static List<String> axes(
      ValueInfo input, Role role, Layout layout, List<FixedLength> fixed) {
    Map<String, Poly> known = new HashMap<>();
    fixed.forEach(length -> known.put(length.length(), length.value()));
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    var axes = new ArrayList<String>();
    for (int i = 0; i < dims.size(); i++) {
      boolean rows =
          layout.form() == Layout.Form.ROW_WISE
              ? i == 0
              : role == Role.CANDIDATE && i == layout.rowAxis();
      Poly length =
          switch (dims.get(i)) {
            case Dim.Fixed(long value) -> Poly.of(value);
            case Dim.Symbol(String name) -> Poly.symbol(name);
            case Dim.Unknown _ -> Poly.symbol(input.name() + "#" + i);
          };
      axes.add(rows ? "rows" : length.with(known).toString());
    }
    return axes;
  }

  private static Map<String, Integer> operators(Graph graph, Map<String, Integer> counts) {
    for (Node node : graph.nodes()) {
      counts.merge(
          node.domain().isEmpty() ? node.type() : node.domain() + "." + node.type(),
          1,
          Integer::sum);
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.GraphAttr(Graph body)) {
          operators(body, counts);
        }
      }
    }
    return counts;
  }

  private static long bytes(TensorData tensor) {
    return tensor instanceof NumericTensor numbers ? numbers.bytes().byteSize() : 0;
  }

  private record Counted(Work work, List<FixedLength> fixed) {}

  /** Counts what the rules follow: a node without a rule, and what needs it, is left out. */
  private static Counted counted(Model model, Roles roles, Layout layout) {
    long history = Splitter.historyMax(model);
    Model plain = plain(model, roles, layout);
    Followed followed = Followed.of(plain, roles, layout);
    Graph graph = followed.model().graph();
    Analysis analysis = followed.analysis();
    Map<String, Long> lengths = Splitter.lengths(analysis, followed.model(), layout, history);
    Map<String, Poly> single = Map.of(layout.rows(), Poly.ONE);
    Predicate<Node> perRow = node -> analysis.get(Flops.written(node)).colour() == Colour.CANDIDATE;
    double work =
        Flops.sum(graph, analysis, lengths, single, perRow) / Flops.REFERENCE_CANDIDATES
            + Flops.sum(graph, analysis, lengths, single, perRow.negate());
    int missing = plain.graph().nodes().size() - graph.nodes().size();
    return new Counted(new Work(work, history, missing), analysis.fixed());
  }

  /** Returns the model in the operators that have rules, where it can be brought there. */
  private static Model plain(Model model, Roles roles, Layout layout) {
    try {
      return Splitter.plain(model, roles, layout);
    } catch (SplitRefusal | IllegalArgumentException refused) {
      return model;
    }
  }

  private static Outlook outlook(
      Model model, List<RoleGuess> guesses, Roles guessed, Runner.Factory runners) {
    List<String> unknown =
        guesses.stream().filter(guess -> guess.role().isEmpty()).map(RoleGuess::input).toList();
    if (!unknown.isEmpty()) {
      return new Outlook(false, 0, "not tried: say whose " + unknown + " are");
    }
    try {
      Plan plan = new Splitter(runners).plan(model, guessed, Splitter.Options.DEFAULT);
      return new Outlook(true, plan.split().flops().shareSaved(), "");
    } catch (SplitRefusal refusal) {
      return new Outlook(false, 0, refusal.getMessage());
    }
  }

  /** Returns the role guessed for an input. */
  public Optional<Role> role(String input) {
    return guesses.stream()
        .filter(guess -> guess.input().equals(input))
        .findFirst()
        .flatMap(RoleGuess::role);
  }

  /** Returns the operators, the most frequent first. */
  Map<String, Integer> operatorsByCount() {
    var sorted = new LinkedHashMap<String, Integer>();
    operators.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
