package dev.falconer.compressor.pass;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operators of one Attention node, q [rows, heads, queries, d], k and v [rows, heads, keys, d];
 * or all three [rows, positions, heads·d] with the number of heads beside.
 */
final class AttentionParts {
  private static final float MASKED = Float.NEGATIVE_INFINITY;

  private final Node node;
  private final Analysis analysis;
  private final Rewrite rewrite;
  private final String base;

  AttentionParts(Node node, Analysis analysis, Rewrite rewrite) {
    this.node = node;
    this.analysis = analysis;
    this.rewrite = rewrite;
    this.base = node.output();
  }

  /** Returns the output of the operators, none when the node needs more than they give. */
  Optional<String> written() {
    boolean flat = analysis.get(node.input(0)).rank() == 3;
    long heads = node.intAttribute("q_num_heads", 0);
    boolean plain =
        analysis.get(node.input(0)).dtype() == DType.FLOAT32
            && node.outputs().stream().skip(1).allMatch(String::isEmpty)
            && node.input(4).isEmpty()
            && node.input(5).isEmpty()
            && node.input(6).isEmpty()
            && node.floatAttribute("softcap", 0) == 0
            && (flat ? heads > 0 && heads == node.intAttribute("kv_num_heads", 0) : sameHeads());
    long width = ExpandFunctions.integer(analysis, node.input(0), -1);
    if (!plain || width <= 0) {
      return Optional.empty();
    }
    String q = flat ? apart(node.input(0), heads, "q") : node.input(0);
    String k = flat ? apart(node.input(1), heads, "k") : node.input(1);
    String v = flat ? apart(node.input(2), heads, "v") : node.input(2);
    float usual = (float) (1 / Math.sqrt(flat ? (double) width / heads : width));
    float scale = node.floatAttribute("scale", usual);
    String factor = rewrite.constant(base + "#scale", TensorData.scalar(scale));
    String scaled = add("scaled", "Mul", q, factor);
    String turned = transposed("turned", k, 0, 1, 3, 2);
    String scores = masked(add("scores", "MatMul", scaled, turned));
    String weights =
        rewrite.add(
            base + "#softmax", "Softmax", Map.of("axis", Attribute.of(-1)), List.of(scores));
    String result = add("weighted", "MatMul", weights, v);
    if (!flat) {
      return Optional.of(result);
    }
    String back = transposed("back", result, 0, 2, 1, 3);
    String shape = rewrite.constant(base + "#joined", TensorData.vector(0, 0, -1));
    return Optional.of(add("heads", "Reshape", back, shape));
  }

  private boolean sameHeads() {
    long heads = ExpandFunctions.integer(analysis, node.input(0), 1);
    return heads > 0 && heads == ExpandFunctions.integer(analysis, node.input(1), 1);
  }

  private String add(String suffix, String type, String... inputs) {
    return rewrite.add(base + "#" + suffix, type, Map.of(), List.of(inputs));
  }

  private String transposed(String suffix, String x, long... order) {
    return rewrite.add(
        base + "#" + suffix, "Transpose", Map.of("perm", Attribute.ints(order)), List.of(x));
  }

  /** Returns x [rows, positions, heads·d] as [rows, heads, positions, d]. */
  private String apart(String x, long heads, String suffix) {
    String shape = rewrite.constant(base + "#apart." + suffix, TensorData.vector(0, 0, heads, -1));
    return transposed(suffix, add(suffix + ".apart", "Reshape", x, shape), 0, 2, 1, 3);
  }

  private String masked(String scores) {
    String masked = scores;
    String hidden = rewrite.constant(base + "#hidden", TensorData.scalar(MASKED));
    if (node.intAttribute("is_causal", 0) == 1) {
      masked = add("causal", "Where", causal(), masked, hidden);
    }
    String mask = node.input(3);
    if (mask.isEmpty()) {
      return masked;
    }
    return analysis.get(mask).dtype() == DType.BOOL
        ? add("masked", "Where", mask, masked, hidden)
        : add("masked", "Add", masked, mask);
  }

  /** Returns a mask [queries, keys], true where the key is no later. */
  private String causal() {
    String one = rewrite.constant(base + "#one", TensorData.bools(Shape.of(1), true));
    boolean flat = analysis.get(node.input(0)).rank() == 3;
    String shape =
        rewrite.add(
            base + "#square",
            "Concat",
            Map.of("axis", Attribute.of(0)),
            List.of(measure(node.input(0), flat ? 1 : 2), measure(node.input(1), flat ? 1 : 2)));
    String all = add("all", "Expand", one, shape);
    return rewrite.add(base + "#lower", "Trilu", Map.of("upper", Attribute.of(0)), List.of(all));
  }

  private String measure(String x, int axis) {
    return rewrite.add(
        base + "#length",
        "Shape",
        Map.of("start", Attribute.of(axis), "end", Attribute.of(axis + 1)),
        List.of(x));
  }
}
