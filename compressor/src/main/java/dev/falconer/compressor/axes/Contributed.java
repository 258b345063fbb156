package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * Shapes of fused operators, those of com.microsoft and ONNX's Attention, where no graph is to be
 * split: rows may mix in them.
 */
final class Contributed {
  private static final String MICROSOFT = "com.microsoft";

  private Contributed() {}

  static boolean has(Node node) {
    return node.domain().equals(MICROSOFT) || node.is("Attention");
  }

  static List<Known> apply(Scope scope) {
    Node node = scope.node();
    return switch (node.type()) {
      case "Gelu", "FastGelu", "BiasGelu", "QuickGelu" -> List.of(plain(scope, scope.in(0).axes()));
      case "SkipLayerNormalization" -> List.of(plain(scope, scope.in(0).axes()));
      case "MultiHeadAttention" -> multiHead(scope);
      case "Attention" -> node.domain().equals(MICROSOFT) ? unknown() : attention(scope);
      case "FusedGemm" -> List.of(Product.gemm(scope));
      case "FusedMatMul" -> fusedMatMul(scope);
      case "MatMulNBits" ->
          List.of(plain(scope, last(scope.in(0), Axis.of(node.intAttribute("N", 0)))));
      default -> unknown();
    };
  }

  private static List<Known> unknown() {
    return List.of();
  }

  private static Known plain(Scope scope, List<Axis> axes) {
    return Known.of(scope.in(0).dtype(), axes, scope.colour());
  }

  private static List<Axis> last(Known in, Axis axis) {
    var axes = new ArrayList<>(in.axes());
    axes.set(axes.size() - 1, axis);
    return axes;
  }

  /**
   * Queries and values apart, [batch, rows, heads width] or values [batch, heads, tokens, width].
   */
  private static List<Known> multiHead(Scope scope) {
    if (!scope.has(1) || !scope.has(2) || scope.in(0).rank() != 3) {
      return unknown();
    }
    Known values = scope.in(2);
    Axis width =
        values.rank() == 3
            ? values.axis(2)
            : Axis.of(values.axis(1).length().times(values.axis(3).length()), false, true);
    return List.of(plain(scope, last(scope.in(0), width)));
  }

  /** Of ONNX: [batch, rows, heads width], or [batch, heads, rows, width]. */
  private static List<Known> attention(Scope scope) {
    Node node = scope.node();
    Known values = scope.in(2);
    if (scope.in(0).rank() == 4 && values.rank() == 4) {
      return List.of(plain(scope, last(scope.in(0), values.axis(3))));
    }
    boolean isEven =
        node.intAttribute("q_num_heads", 0) == node.intAttribute("kv_num_heads", 0)
            && scope.in(0).rank() == 3
            && values.rank() == 3;
    return isEven ? List.of(plain(scope, last(scope.in(0), values.axis(2)))) : unknown();
  }

  private static List<Known> fusedMatMul(Scope scope) {
    boolean isPlain =
        List.of("transA", "transB", "transBatchA", "transBatchB").stream()
            .allMatch(turned -> scope.node().intAttribute(turned, 0) == 0);
    if (isPlain) {
      return List.of(Product.matMul(scope));
    }
    Known b = scope.in(1);
    boolean isTurned = scope.node().intAttribute("transB", 0) == 1;
    boolean isWeight =
        isTurned
            && b.rank() == 2
            && List.of("transA", "transBatchA", "transBatchB").stream()
                .allMatch(turned -> scope.node().intAttribute(turned, 0) == 0);
    return isWeight ? List.of(plain(scope, last(scope.in(0), b.axis(0)))) : unknown();
  }
}
