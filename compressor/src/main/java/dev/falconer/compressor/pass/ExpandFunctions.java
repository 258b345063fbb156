package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.axes.Layout;
import dev.falconer.compressor.axes.Poly;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.TensorData;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes operators apart that ONNX defines by others: attention, RMS normalisation, Swish, CastLike.
 *
 * <pre>
 * q, k, v ─ Attention(mask) ─ y                                       before
 * q ─ Mul scale ─ MatMul kᵀ ─ Where mask ─ Softmax ─ MatMul v ─ y     after
 * </pre>
 *
 * Attention with a past, a soft cap, or fewer heads of keys than of queries stays as it is, and is
 * refused by the rules.
 */
public record ExpandFunctions(Roles roles, Layout layout) implements Pass {
  private static final Set<String> TAKEN =
      Set.of("Attention", "RMSNormalization", "Swish", "CastLike");

  @Override
  public Model apply(Model model) {
    Model current = model;
    Set<String> left = new HashSet<>();
    while (true) {
      Node next =
          current.graph().nodes().stream()
              .filter(node -> TAKEN.stream().anyMatch(node::is) && !left.contains(node.name()))
              .findFirst()
              .orElse(null);
      if (next == null) {
        return current;
      }
      Analysis analysis = Analysis.of(Prefix.before(current, next), roles, layout);
      Graph expanded = expanded(current.graph(), next, analysis);
      if (expanded.nodes().contains(next)) {
        left.add(next.name());
      }
      current = current.withGraph(expanded);
    }
  }

  private static Graph expanded(Graph graph, Node next, Analysis analysis) {
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      String result = node.equals(next) ? result(node, analysis, rewrite) : "";
      if (result.isEmpty()) {
        rewrite.keep(node);
      } else {
        rewrite.replace(node.output(), result);
      }
    }
    return rewrite.done();
  }

  private static String result(Node node, Analysis analysis, Rewrite rewrite) {
    return switch (node.type()) {
      case "CastLike" -> {
        DType dtype = analysis.get(node.input(1)).dtype();
        yield rewrite.add(
            node.output() + "#cast",
            "Cast",
            Map.of("to", Attribute.of(dtype.onnx())),
            List.of(node.input(0)));
      }
      case "Swish" -> plain(node, analysis) ? swish(node, rewrite) : "";
      case "RMSNormalization" -> plain(node, analysis) ? rms(node, analysis, rewrite) : "";
      default -> new AttentionParts(node, analysis, rewrite).written().orElse("");
    };
  }

  private static boolean plain(Node node, Analysis analysis) {
    return analysis.get(node.input(0)).dtype() == DType.FLOAT32;
  }

  private static String swish(Node node, Rewrite rewrite) {
    String x = node.input(0);
    float alpha = node.floatAttribute("alpha", 1);
    String scaled =
        alpha == 1
            ? x
            : rewrite.add(
                node.output() + "#scaled",
                "Mul",
                Map.of(),
                List.of(x, rewrite.constant("#alpha." + alpha, TensorData.scalar(alpha))));
    String gate = rewrite.add(node.output() + "#gate", "Sigmoid", Map.of(), List.of(scaled));
    return rewrite.add(node.output() + "#swish", "Mul", Map.of(), List.of(x, gate));
  }

  private static String rms(Node node, Analysis analysis, Rewrite rewrite) {
    String base = node.output();
    String x = node.input(0);
    int rank = analysis.get(x).rank();
    long given = node.intAttribute("axis", -1);
    long first = given < 0 ? given + rank : given;
    long[] axes = java.util.stream.LongStream.range(first, rank).toArray();
    String over = rewrite.constant(base + "#axes", TensorData.vector(axes));
    String squares = rewrite.add(base + "#squares", "Mul", Map.of(), List.of(x, x));
    String mean = rewrite.add(base + "#mean", "ReduceMean", Map.of(), List.of(squares, over));
    String small =
        rewrite.constant(
            base + "#epsilon", TensorData.scalar(node.floatAttribute("epsilon", 1e-5f)));
    String sum = rewrite.add(base + "#sum", "Add", Map.of(), List.of(mean, small));
    String root = rewrite.add(base + "#root", "Sqrt", Map.of(), List.of(sum));
    String normal = rewrite.add(base + "#normal", "Div", Map.of(), List.of(x, root));
    return rewrite.add(base + "#rms", "Mul", Map.of(), List.of(normal, node.input(1)));
  }

  /** Returns the length of an axis if it is an integer, else -1. */
  static long integer(Analysis analysis, String value, int axis) {
    Poly length = analysis.get(value).axis(axis).length();
    return length.isInteger() ? length.integer() : -1;
  }
}
