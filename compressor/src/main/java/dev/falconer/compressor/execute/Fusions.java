package dev.falconer.compressor.execute;

import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Finds patterns that libtorch computes in one call, and puts one node in their place.
 *
 * <pre>
 * MatMul(Softmax(Where(mask, MatMul(q · scale, Transpose(k)), -inf)), v)  one attention
 * Add(MatMul(x, weight), bias)                                            one linear map
 * </pre>
 *
 * <p>libtorch's batched product walks over B·h small matrices with a tensor view for each: of a
 * training step with 64 histories of 25 events, two thirds. Its fused attention doesn't, and never
 * writes the scores.
 */
final class Fusions {
  private static final String DOMAIN = "falconer.fused";

  private final Graph graph;
  private final Map<String, Value> constants;
  private final Set<String> wanted;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final IdentityHashMap<Node, Node> replaced = new IdentityHashMap<>();
  private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

  private Fusions(Graph graph, Set<String> wanted, Map<String, Value> constants) {
    this.graph = graph;
    this.constants = constants;
    this.wanted = wanted;
    producers = graph.producers();
    consumers = graph.consumers();
  }

  /** Returns the graph's nodes with patterns replaced; wanted values stay computed by name. */
  static List<Node> apply(Graph graph, Set<String> wanted, Map<String, Value> constants) {
    var fusions = new Fusions(graph, wanted, constants);
    graph.nodes().forEach(fusions::match);
    var nodes = new ArrayList<Node>();
    for (Node node : graph.nodes()) {
      if (!fusions.absorbed.contains(node)) {
        nodes.add(fusions.replaced.getOrDefault(node, node));
      }
    }
    return nodes;
  }

  /** Returns the operator of a fused node, or null for another node. */
  static @Nullable Operator find(Node node) {
    if (!node.domain().equals(DOMAIN)) {
      return null;
    }
    return node.type().equals("Attention")
        ? Operator.of(Fusions::attention)
        : Operator.of(call -> linear(call.tensor(0), call.tensor(1), call.tensor(2)));
  }

  private void match(Node node) {
    if (node.is("MatMul")) {
      matchAttention(node);
    } else if (node.is("Add")) {
      matchLinear(node);
    }
  }

  private void matchLinear(Node add) {
    for (int side = 0; side < 2; side++) {
      Node product = inner(add.input(side), "MatMul");
      if (product != null
          && rank(product.input(1)) == 2
          && rank(add.input(1 - side)) == 1
          && !absorbed.contains(product)) {
        replace(add, "Linear", List.of(product.input(0), product.input(1), add.input(1 - side)));
        absorbed.add(product);
        return;
      }
    }
  }

  private void matchAttention(Node product) {
    Node softmax = inner(product.input(0), "Softmax");
    if (softmax == null || softmax.intAttribute("axis", -1) != -1) {
      return;
    }
    Node where = inner(softmax.input(0), "Where");
    if (where != null && !isMinusInfinity(where.input(2))) {
      return;
    }
    Node scores = inner(where == null ? softmax.input(0) : where.input(1), "MatMul");
    if (scores == null) {
      return;
    }
    Node transpose = inner(scores.input(1), "Transpose");
    if (transpose == null
        || !java.util.Arrays.equals(transpose.intsAttribute("perm"), new long[] {0, 1, 3, 2})) {
      return;
    }
    Node scaled = inner(scores.input(0), "Mul");
    boolean scales = scaled != null && rank(scaled.input(1)) == 0;
    var inputs = new ArrayList<String>();
    inputs.add(scales && scaled != null ? scaled.input(0) : scores.input(0));
    inputs.add(transpose.input(0));
    inputs.add(product.input(1));
    inputs.add(where == null ? "" : where.input(0));
    inputs.add(scales && scaled != null ? scaled.input(1) : "");
    replace(product, "Attention", inputs);
    absorbed.addAll(List.of(softmax, scores, transpose));
    if (where != null) {
      absorbed.add(where);
    }
    if (scales && scaled != null) {
      absorbed.add(scaled);
    }
  }

  private void replace(Node node, String type, List<String> inputs) {
    replaced.put(
        node, new Node(node.name(), DOMAIN, type, inputs, node.outputs(), Map.of(), Map.of()));
  }

  /** Returns the node that writes a value nobody else needs, when it is of a type. */
  private @Nullable Node inner(String value, String type) {
    Node node = producers.get(value);
    boolean alone =
        node != null
            && node.is(type)
            && !wanted.contains(value)
            && consumers.getOrDefault(value, List.of()).size() == 1
            && graph.outputs().stream().noneMatch(output -> output.name().equals(value));
    return alone ? node : null;
  }

  /** Returns the rank of a constant, -1 for other values. */
  private int rank(String value) {
    Value constant = constants.get(value);
    return constant == null ? -1 : Shaping.dims(constant).length;
  }

  private boolean isMinusInfinity(String value) {
    return constants.get(value) instanceof Value.Torch(Tensor tensor)
        && tensor.numel() == 1
        && tensor.item_double() == Double.NEGATIVE_INFINITY;
  }

  private static Tensor attention(Call call) {
    Tensor query = call.tensor(0);
    Tensor key = call.tensor(1);
    Tensor value = call.tensor(2);
    var mask = call.has(3) ? new TensorOptional(call.tensor(3)) : new TensorOptional();
    double scale = call.has(4) ? call.number(4) : 1;
    return torch.scaled_dot_product_attention(
        query, key, value, mask, 0, false, new DoubleOptional(scale), false);
  }

  /** Rows are laid flat: one product with the bias in its epilogue. */
  private static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    if (x.dim() < 2) {
      return torch.matmul(x, weight).add(bias);
    }
    long[] dims = Tensors.dims(x);
    Tensor rows = x.dim() == 2 ? x : x.reshape(-1, dims[dims.length - 1]);
    Tensor y = torch.addmm(bias, rows, weight);
    dims[dims.length - 1] = weight.size(1);
    return x.dim() == 2 ? y : y.view(dims);
  }
}
