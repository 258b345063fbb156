package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Axis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Work of a graph by who has to pay it: multiply-adds count 2, elementwise operators 1 per element,
 * views and table look-ups nothing. Taken at the longest history.
 *
 * @param unread of rows that nobody reads, left out of both graphs
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
   * Returns what a graph's nodes cost by colour.
   *
   * @param lengths the named lengths
   * @param single the rows' length taken as 1 for what is not the candidates'
   */
  static Map<Colour, Double> byColour(
      Graph graph, Analysis analysis, Map<String, Long> lengths, Map<String, Poly> single) {
    var sums = new EnumMap<Colour, Double>(Colour.class);
    for (Colour colour : Colour.values()) {
      sums.put(colour, 0.0);
    }
    for (Node node : graph.nodes()) {
      Colour colour = analysis.get(node.output()).colour();
      Map<String, Poly> taken = colour == Colour.CANDIDATE ? Map.of() : single;
      sums.merge(colour, of(node, analysis, lengths, taken), Double::sum);
    }
    return sums;
  }

  private static double of(
      Node node, Analysis analysis, Map<String, Long> lengths, Map<String, Poly> single) {
    Known out = analysis.get(node.output());
    double elements = out.size().with(single).at(lengths);
    return switch (node.type()) {
      case "MatMul", "MatMulInteger" ->
          2 * elements * length(analysis.get(node.input(0)), -1, lengths);
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
    return candidates
        * (unread + perUser + perRequest + perCandidate)
        / Math.max(1, perRequest + candidates * perCandidate);
  }
}
