package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Work of a graph by who has to pay it: multiply-adds count 2, elementwise operators 1 per element,
 * views and table look-ups nothing. Taken at the longest history.
 *
 * @param unread of the whole graph, left out of both halves: rows that nobody reads, repeated parts
 *     multiplied once
 * @param perUser once per user
 * @param perRequest once per request, whatever the number of candidates
 * @param perCandidate for each candidate
 */
public record Flops(double unread, double perUser, double perRequest, double perCandidate) {
  /** Candidates at which costs per candidate are taken. */
  static final long REFERENCE_CANDIDATES = 64;

  private static final Set<String> FREE =
      Set.of(
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Identity",
          "Shape",
          "Size",
          "Constant",
          "Gather",
          "Concat",
          "Slice",
          "Split",
          "Expand",
          "Tile",
          "Cast",
          "Range",
          "ConstantOfShape",
          "LabelEncoder",
          "Dropout");

  /**
   * Returns what the chosen nodes of a graph cost.
   *
   * @param lengths the named lengths
   * @param single the rows' length taken as 1 for what is not the candidates'
   */
  static double sum(
      Graph graph,
      Analysis analysis,
      Map<String, Long> lengths,
      Map<String, Poly> single,
      Predicate<Node> chosen) {
    return graph.nodes().stream()
        .filter(chosen)
        .mapToDouble(node -> {
          boolean rows = analysis.get(written(node)).colour() == Colour.CANDIDATE;
          return of(node, analysis, lengths, rows ? Map.of() : single);
        })
        .sum();
  }

  private static double of(
      Node node, Analysis analysis, Map<String, Long> lengths, Map<String, Poly> single) {
    Known out = analysis.get(written(node));
    double elements = out.size().with(single).at(lengths);
    return switch (node.type()) {
      case "MatMul", "MatMulInteger" ->
          2 * elements * length(analysis.get(node.input(0)), -1, lengths);
      case "GRU", "LSTM", "RNN" -> recurrent(node, analysis, lengths, single);
      case "Einsum" -> 2 * contraction(node, analysis, lengths, single);
      case "Gemm" ->
          2
              * elements
              * length(
                  analysis.get(node.input(0)),
                  node.intAttribute("transA", 0) == 1 ? 0 : 1,
                  lengths);
      default ->
          FREE.contains(node.type())
              ? 0
              : node.type().startsWith("Reduce")
                  ? analysis.get(node.input(0)).size().with(single).at(lengths)
                  : elements;
    };
  }

  /** Returns the elements that the chosen nodes of a graph look up in tables. */
  static double lookups(
      Graph graph,
      Analysis analysis,
      Map<String, Long> lengths,
      Map<String, Poly> single,
      Predicate<Node> chosen) {
    return graph.nodes().stream()
        .filter(node -> node.is("Gather") && graph.initializers().containsKey(node.input(0)))
        .filter(chosen)
        .mapToDouble(node -> {
          Known out = analysis.get(node.output());
          boolean rows = out.colour() == Colour.CANDIDATE;
          return out.size().with(rows ? Map.of() : single).at(lengths);
        })
        .sum();
  }

  /** Returns the first output that the node has. */
  static String written(Node node) {
    return node.outputs().stream().filter(name -> !name.isEmpty()).findFirst().orElse("");
  }

  /** Returns steps x rows x (in + hidden) x gates x hidden multiply-adds of each direction. */
  private static double recurrent(
      Node node, Analysis analysis, Map<String, Long> lengths, Map<String, Poly> single) {
    double steps = analysis.get(node.input(0)).size().with(single).at(lengths);
    double input = length(analysis.get(node.input(0)), -1, lengths);
    double weights =
        analysis.get(node.input(1)).size().at(lengths)
            + analysis.get(node.input(2)).size().at(lengths);
    return 2 * steps / Math.max(1, input) * weights;
  }

  /** Returns the product of all axes that the equation names. */
  private static double contraction(
      Node node, Analysis analysis, Map<String, Long> lengths, Map<String, Poly> single) {
    String[] operands =
        node.textAttribute("equation", "").replace(" ", "").split("->", -1)[0].split(",", -1);
    var named = new java.util.HashMap<Character, Double>();
    for (int i = 0; i < operands.length; i++) {
      for (int k = 0; k < operands[i].length(); k++) {
        double length = analysis.get(node.input(i)).axis(k).length().with(single).at(lengths);
        named.merge(operands[i].charAt(k), length, Math::max);
      }
    }
    return named.values().stream().reduce(1.0, (a, b) -> a * b);
  }

  private static double length(Known known, int axis, Map<String, Long> lengths) {
    Axis found = known.axis(axis);
    return found.length().at(lengths);
  }

  /** Returns the share of a row's work that is not paid per candidate, in [0, 1]. */
  public double shareSaved() {
    double all = unread + perUser + perRequest + perCandidate;
    return all == 0 ? 0 : (unread + perUser) / all;
  }

  /** Returns work of scoring each of m candidates by itself over work with a cached state. */
  public double savingOnHit(long candidates) {
    return candidates * perRow() / Math.max(1, perRequest + candidates * perCandidate);
  }

  /** Returns work of scoring each of m candidates by itself over work with a state to be made. */
  public double savingOnMiss(long candidates) {
    return candidates * perRow() / Math.max(1, perUser + perRequest + candidates * perCandidate);
  }

  /** Returns the work of one row of the whole graph. */
  public double perRow() {
    return unread + perUser + perRequest + perCandidate;
  }
}
