package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Colour;
import dev.falconer.compressor.axes.Known;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Multiplies the parts of a joined input by their own rows of the weight, where the parts are
 * different parties' and that is less work.
 *
 * <pre>
 * user ──────┐                               before
 * candidate ─ Concat ─ MatMul W ─ y
 * user ─ MatMul W[:k] ──────┐                after: the first product is the user's alone
 * candidate ─ MatMul W[k:] ─ Add ─ y
 * </pre>
 *
 * Sums within a part are multiplied term by term, rows of the weight that meet one tensor are added
 * first, parts of one party stay one product. A repeated part is multiplied before it is repeated.
 * Source: the re-parameterisation of MaRI, arXiv 2602.23105.
 */
public record DistributeProducts(Roles roles, Layout layout) implements Pass {
  private static final long REFERENCE = 64;

  /** Products are taken apart for at least this share of their work: each part is one more call. */
  private static final double WORTH = 0.1;

  /** A tensor times rows [from, from + rows) of the weight, times a sign. */
  private record Term(String source, long from, long rows, int sign) {}

  /** Terms that share a product: of one party and one stored shape. */
  private record Kind(Colour colour, List<Poly> stored) {}

  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    var work = new Work(graph, Analysis.of(model, roles, layout), new Rewrite(graph), layout);
    for (Node node : graph.nodes()) {
      if (!work.distributed(node)) {
        work.rewrite.keep(node);
      }
    }
    return model.withGraph(work.rewrite.done());
  }

  /** One application. */
  private record Work(
      Graph graph,
      Analysis analysis,
      Rewrite rewrite,
      Layout layout,
      Map<String, Node> producers,
      Map<String, Poly> single,
      Map<String, Long> lengths) {
    Work(Graph graph, Analysis analysis, Rewrite rewrite, Layout layout) {
      this(
          graph,
          analysis,
          rewrite,
          layout,
          graph.producers(),
          Map.of(layout.rows(), Poly.ONE),
          new HashMap<>());
      graph
          .inputs()
          .forEach(input ->
              analysis
                  .get(input.name())
                  .axes()
                  .forEach(axis ->
                      axis.length().symbols().forEach(symbol -> lengths.put(symbol, REFERENCE))));
      lengths.put(layout.rows(), REFERENCE);
    }

    boolean distributed(Node node) {
      if (!node.is("MatMul")
          || !(graph.initializers().get(node.input(1)) instanceof NumericTensor weight)
          || weight.shape().rank() != 2
          || analysis.get(node.input(0)).rank() < 2) {
        return false;
      }
      var terms = new ArrayList<Term>();
      if (!collect(node.input(0), 0, 1, terms)) {
        return false;
      }
      Map<Kind, Map<String, List<Term>>> kinds = grouped(terms);
      long width = weight.shape().dim(1);
      if (kinds.size() < 2 || cost(kinds, width) > (1 - WORTH) * cost(node.input(0), weight)) {
        return false;
      }
      write(node, weight, kinds);
      return true;
    }

    /** Lists the terms of a part whose first row of the weight is {@code from}. */
    private boolean collect(String value, long from, int sign, List<Term> terms) {
      Known known = analysis.get(value);
      if (!known.axis(-1).length().isInteger()) {
        return false;
      }
      long rows = known.axis(-1).length().integer();
      Node node = producers.get(value);
      if (node != null && node.is("Concat") && alongLast(node, known.rank())) {
        long next = from;
        for (String part : node.inputs()) {
          if (!collect(part, next, sign, terms)) {
            return false;
          }
          next += analysis.get(part).axis(-1).length().integer();
        }
        return true;
      }
      if (node != null && node.is("Expand") && sameLast(node.input(0), rows)) {
        return collect(node.input(0), from, sign, terms);
      }
      if (node != null && (node.is("Add") || node.is("Sub")) && mixed(node, rows)) {
        return collect(node.input(0), from, sign, terms)
            && collect(node.input(1), from, node.is("Sub") ? -sign : sign, terms);
      }
      terms.add(new Term(value, from, rows, sign));
      return true;
    }

    private static boolean alongLast(Node node, int rank) {
      long axis = node.intAttribute("axis", 0);
      return axis == -1 || axis == rank - 1;
    }

    private boolean sameLast(String value, long rows) {
      Known known = analysis.get(value);
      return known.rank() >= 2 && known.axis(-1).length().is(rows);
    }

    private boolean mixed(Node node, long rows) {
      return sameLast(node.input(0), rows)
          && sameLast(node.input(1), rows)
          && analysis.get(node.input(0)).colour() != analysis.get(node.input(1)).colour();
    }

    private List<Poly> stored(Known known) {
      Map<String, Poly> taken = known.colour() == Colour.CANDIDATE ? Map.of() : single;
      return known.axes().subList(0, known.rank() - 1).stream()
          .map(axis -> axis.length().with(taken))
          .toList();
    }

    private Map<Kind, Map<String, List<Term>>> grouped(List<Term> terms) {
      var kinds = new LinkedHashMap<Kind, Map<String, List<Term>>>();
      for (Term term : terms) {
        Known known = analysis.get(term.source);
        kinds
            .computeIfAbsent(new Kind(known.colour(), stored(known)), _ -> new LinkedHashMap<>())
            .computeIfAbsent(term.source, _ -> new ArrayList<>())
            .add(term);
      }
      return kinds;
    }

    private double cost(Map<Kind, Map<String, List<Term>>> kinds, long width) {
      double cost = 0;
      for (var kind : kinds.entrySet()) {
        double rows = rows(kind.getKey().stored);
        long inner =
            kind.getValue().values().stream().mapToLong(terms -> terms.getFirst().rows).sum();
        cost += rows * width * (2 * inner + 1);
      }
      return cost;
    }

    private double cost(String whole, NumericTensor weight) {
      return rows(stored(analysis.get(whole)))
          * weight.shape().dim(1)
          * (2.0 * weight.shape().dim(0) + 1);
    }

    private double rows(List<Poly> stored) {
      return stored.stream().mapToDouble(length -> length.at(lengths)).reduce(1, (a, b) -> a * b);
    }

    private void write(Node node, NumericTensor weight, Map<Kind, Map<String, List<Term>>> kinds) {
      String sum = null;
      var order =
          kinds.entrySet().stream()
              .sorted(Comparator.comparing(entry -> entry.getKey().colour))
              .toList();
      for (var kind : order) {
        String product = product(node, weight, suffix(kind.getKey().colour), kind.getValue());
        sum =
            sum == null
                ? product
                : rewrite.add(node.output() + "#sum", "Add", Map.of(), List.of(sum, product));
      }
      rewrite.replace(node.output(), java.util.Objects.requireNonNull(sum));
    }

    private static String suffix(Colour colour) {
      return switch (colour) {
        case CONSTANT -> "#k";
        case USER -> "#user";
        case CONTEXT -> "#context";
        case CANDIDATE -> "#cand";
      };
    }

    private String product(
        Node node, NumericTensor weight, String suffix, Map<String, List<Term>> sources) {
      var blocks = new ArrayList<NumericTensor>();
      sources.values().forEach(terms -> blocks.add(WeightRows.sum(weight, rowsOf(terms))));
      String block = rewrite.constant(node.input(1) + suffix, WeightRows.stacked(blocks));
      var parts = List.copyOf(sources.keySet());
      String joined =
          parts.size() == 1
              ? parts.getFirst()
              : rewrite.add(
                  node.input(0) + suffix, "Concat", Map.of("axis", Attribute.of(-1)), parts);
      return rewrite.add(node.output() + suffix, "MatMul", Map.of(), List.of(joined, block));
    }

    private static List<WeightRows.Block> rowsOf(List<Term> terms) {
      return terms.stream()
          .map(term -> new WeightRows.Block(term.from, term.rows, term.sign))
          .toList();
    }
  }
}
