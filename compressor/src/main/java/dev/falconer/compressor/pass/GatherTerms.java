package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds up what is nobody's, then the user's, then the request's, before the candidates' terms.
 *
 * <pre>
 * user ──────┐                        before
 * candidate ─ Add ─ Add ─ y
 *             bias ─┘
 * user ─┐                             after: the first sum is the user's alone
 * bias ─ Add ─ Add ─ y
 *  candidate ──┘
 * </pre>
 *
 * Only sums read by nobody else are taken apart, and only where it moves a term.
 */
public record GatherTerms(Roles roles, Layout layout) implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    Analysis analysis = Analysis.of(model, roles, layout);
    var producers = graph.producers();
    Set<String> single = readOnce(graph);
    Set<Node> inner = new HashSet<>();
    Map<Node, List<String>> sums = new HashMap<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.is("Add")
          && !inner.contains(node)
          && analysis.get(node.output()).dtype().isFloat()) {
        var leaves = new ArrayList<String>();
        var absorbed = new ArrayList<Node>();
        collect(node, producers, single, leaves, absorbed);
        if (moves(leaves, analysis)) {
          inner.addAll(absorbed);
          sums.put(node, leaves);
        }
      }
    }
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      List<String> leaves = sums.get(node);
      if (leaves != null) {
        write(node, leaves, analysis, rewrite);
      } else if (!inner.contains(node)) {
        rewrite.keep(node);
      }
    }
    return model.withGraph(rewrite.done());
  }

  private static void collect(
      Node sum,
      Map<String, Node> producers,
      Set<String> single,
      List<String> leaves,
      List<Node> absorbed) {
    for (String operand : sum.inputs()) {
      Node node = producers.get(operand);
      if (node != null && node.is("Add") && single.contains(operand)) {
        absorbed.add(node);
        collect(node, producers, single, leaves, absorbed);
      } else {
        leaves.add(operand);
      }
    }
  }

  /** Returns whether two terms that are not the last party's are added after one that is. */
  private static boolean moves(List<String> leaves, Analysis analysis) {
    List<Colour> colours = leaves.stream().map(leaf -> analysis.get(leaf).colour()).toList();
    Colour last = colours.stream().reduce(Colour.CONSTANT, Colour::join);
    long earlier = colours.stream().filter(colour -> colour != last).count();
    return leaves.size() > 2 && earlier >= 2 && !colours.equals(colours.stream().sorted().toList());
  }

  private static void write(Node node, List<String> leaves, Analysis analysis, Rewrite rewrite) {
    var sorted = new ArrayList<>(leaves);
    sorted.sort(Comparator.comparing(leaf -> analysis.get(leaf).colour()));
    String sum = sorted.getFirst();
    for (String leaf : sorted.subList(1, sorted.size())) {
      sum = rewrite.add(node.output() + "#terms", "Add", Map.of(), List.of(sum, leaf));
    }
    rewrite.replace(node.output(), sum);
  }

  private static Set<String> readOnce(Graph graph) {
    var reads = new HashMap<String, Integer>();
    graph.nodes().forEach(node -> node.inputs().forEach(in -> reads.merge(in, 1, Integer::sum)));
    graph.outputs().forEach(output -> reads.merge(output.name(), 1, Integer::sum));
    var once = new HashSet<String>();
    reads.forEach((value, count) -> {
      if (count == 1) {
        once.add(value);
      }
    });
    return once;
  }
}
