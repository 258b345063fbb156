package dev.falconer.compressor.pass;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import java.util.List;
import java.util.Map;

/**
 * Writes Gemm with a constant weight as a product and a sum, which are taken apart like any other.
 *
 * <pre>
 * x ─ Gemm(W [out, in], b, transB) ─ y              before
 * x ─ MatMul Wᵀ [in, out] ─ Add b ─ y               after; runtimes join them again
 * </pre>
 */
public record ExpandGemm() implements Pass {
  @Override
  public Model apply(Model model) {
    Graph graph = model.graph();
    var rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      if (!node.is("Gemm")
          || !(graph.initializers().get(node.input(1)) instanceof NumericTensor weight)
          || !weight.dtype().isFloat()
          || !biasFits(node, graph)) {
        rewrite.keep(node);
        continue;
      }
      expand(node, weight, graph, rewrite);
    }
    return model.withGraph(rewrite.done());
  }

  private static boolean biasFits(Node node, Graph graph) {
    return node.input(2).isEmpty()
        || node.floatAttribute("beta", 1) == 1
        || graph.initializers().get(node.input(2)) instanceof NumericTensor;
  }

  private static void expand(Node node, NumericTensor weight, Graph graph, Rewrite rewrite) {
    String x = node.input(0);
    if (node.intAttribute("transA", 0) == 1) {
      x = rewrite.add(x + "#turned", "Transpose", Map.of(), List.of(x));
    }
    boolean turned = node.intAttribute("transB", 0) == 1;
    float alpha = node.floatAttribute("alpha", 1);
    String w = node.input(1);
    if (turned || alpha != 1) {
      NumericTensor upright = turned ? WeightRows.transposed(weight) : weight;
      w = rewrite.constant(w + (turned ? "#t" : "#scaled"), WeightRows.scaled(upright, alpha));
    }
    boolean biased = !node.input(2).isEmpty();
    String product =
        rewrite.add(
            biased ? node.output() + "#product" : node.output() + "#gemm",
            "MatMul",
            Map.of(),
            List.of(x, w));
    if (biased) {
      String bias = node.input(2);
      float beta = node.floatAttribute("beta", 1);
      if (beta != 1 && graph.initializers().get(bias) instanceof NumericTensor given) {
        bias = rewrite.constant(bias + "#scaled", WeightRows.scaled(given, beta));
      }
      product = rewrite.add(node.output() + "#gemm", "Add", Map.of(), List.of(product, bias));
    }
    rewrite.replace(node.output(), product);
  }
}
