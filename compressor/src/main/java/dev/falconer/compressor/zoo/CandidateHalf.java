package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A candidate graph alone, of random weights: what is left of a ranker when the history is encoded.
 *
 * <pre>
 * inputs  candidate [1, m, width], features [1, m, features],
 *         key.i, value.i [1, heads, tokens, width / heads] of every layer i
 * output  logit [1, m, 1]
 * </pre>
 *
 * @param tokens of the history
 * @param width of a candidate's row, a multiple of heads
 * @param inner width of the feed-forward part
 * @param features that the head reads beside the candidate's row
 * @param head widths of the head's hidden layers
 */
public record CandidateHalf(
    int tokens, int width, int heads, int layers, int inner, int features, List<Integer> head) {
  private static final Map<String, Long> OPSETS = Map.of("", 23L, "com.microsoft", 1L);

  /** How attention is written. */
  public enum Form {
    /** Products and Softmax. */
    PLAIN,
    /** ONNX Runtime's MultiHeadAttention. */
    MULTI_HEAD,
    /** ONNX's Attention, since opset 23. */
    ATTENTION
  }

  /** Copies the list. */
  public CandidateHalf {
    head = List.copyOf(head);
  }

  /** Returns the graph; of one seed all forms compute the same. */
  public Model model(Form form, long seed) {
    var graph = new GraphBuilder("candidate");
    var blocks = new Blocks(graph, new Parameters.Fresh(new Random(seed)));
    String x = graph.input("candidate", DType.FLOAT32, 1, "candidates", width);
    String extra = graph.input("features", DType.FLOAT32, 1, "candidates", features);
    for (int layer = 0; layer < layers; layer++) {
      x = layer(graph, blocks, form, layer, x);
    }
    graph.scope("head");
    String y = graph.concat(-1, x, extra);
    int in = width + features;
    for (int i = 0; i < head.size(); i++) {
      y = graph.add("Relu", blocks.linear("head" + i, y, in, head.get(i)));
      in = head.get(i);
    }
    String logit = blocks.linear("logit", y, in, 1);
    graph.named("logit", "Identity", Map.of(), logit);
    graph.output("logit", DType.FLOAT32, 1, "candidates", 1);
    return new Model(graph.build(), Model.IR_VERSION, OPSETS, Map.of());
  }

  /** Returns a graph that gives keys and values as they are given to it, as "given.key.0". */
  public Model user() {
    var graph = new GraphBuilder("user");
    for (int layer = 0; layer < layers; layer++) {
      for (String name : List.of("key." + layer, "value." + layer)) {
        Object[] shape = {1, heads, tokens, width / heads};
        String given = graph.input("given." + name, DType.FLOAT32, shape);
        graph.named(name, "Identity", Map.of(), given);
        graph.output(name, DType.FLOAT32, shape);
      }
    }
    return new Model(graph.build(), Model.IR_VERSION, OPSETS, Map.of());
  }

  private String layer(GraphBuilder graph, Blocks blocks, Form form, int layer, String x) {
    String name = "layer" + layer;
    graph.scope(name);
    String key = graph.input("key." + layer, DType.FLOAT32, 1, heads, tokens, width / heads);
    String value = graph.input("value." + layer, DType.FLOAT32, 1, heads, tokens, width / heads);
    String query =
        blocks.project(name + ".query", blocks.norm(name + ".norm1", x, width), width, width);
    String attended = attended(graph, form, query, key, value);
    x = graph.plus(x, blocks.project(name + ".output", attended, width, width));
    String y = blocks.norm(name + ".norm2", x, width);
    y = graph.add("Relu", blocks.linear(name + ".ffn1", y, width, inner));
    return graph.plus(x, blocks.linear(name + ".ffn2", y, inner, width));
  }

  private String attended(GraphBuilder graph, Form form, String query, String key, String value) {
    int each = width / heads;
    float scale = (float) (1 / Math.sqrt(each));
    if (form == Form.MULTI_HEAD) {
      return graph.addIn(
          "com.microsoft",
          "MultiHeadAttention",
          Map.of("num_heads", Attribute.of(heads), "scale", Attribute.of(scale)),
          query,
          key,
          value);
    }
    String split = graph.transpose(graph.reshape(query, 0, 0, heads, each), 0, 2, 1, 3);
    String attended =
        form == Form.ATTENTION
            ? graph.add("Attention", Map.of("scale", Attribute.of(scale)), split, key, value)
            : graph.matmul(
                graph.softmax(
                    graph.times(
                        graph.matmul(split, graph.transpose(key, 0, 1, 3, 2)),
                        graph.scalar(scale))),
                value);
    return graph.reshape(graph.transpose(attended, 0, 2, 1, 3), 0, 0, width);
  }
}
