package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Map;

/**
 * A pre-LN transformer layer whose keys and values come from the history alone (arXiv 2412.06924).
 *
 * <pre>
 * K, V = [null ; LN(history) W]       a = softmax(mask(LN(x) Wq Kᵀ / sqrt(dh))) V
 * x    = x + a Wo                     x = x + W2 gelu(W1 LN(x))
 * </pre>
 */
final class AttentionLayer {
  private final GraphBuilder graph;
  private final Blocks blocks;
  private final RankerConfig config;
  private final String name;

  AttentionLayer(GraphBuilder graph, Blocks blocks, RankerConfig config, int layer) {
    this.graph = graph;
    this.blocks = blocks;
    this.config = config;
    this.name = "layer" + layer;
  }

  /** Keys and values [B, h, keys, dh]. */
  record KeyValue(String key, String value) {}

  /** Returns x [.., d] normalised for attention. */
  String normalized(String x, String who) {
    graph.scope(name + "." + who);
    return blocks.norm(name + ".attention.norm", x, config.width());
  }

  /** Returns the history's keys and values behind the null key's. */
  KeyValue keyValue(String normalized) {
    graph.scope(name + ".history");
    KeyValue own = ownKeyValue(normalized);
    return new KeyValue(
        withNull("null_key", own.key(), normalized),
        withNull("null_value", own.value(), normalized));
  }

  /** Returns keys and values of the rows themselves. */
  KeyValue ownKeyValue(String normalized) {
    return new KeyValue(heads("key", normalized), heads("value", normalized));
  }

  /** Returns queries [B, h, rows, dh], scaled. */
  String query(String normalized) {
    float scale = (float) (1 / Math.sqrt(config.headWidth()));
    return graph.times(heads("query", normalized), graph.scalar(scale));
  }

  /** Returns attention's output [B, rows, d] of queries over keys that the mask lets through. */
  String attend(String query, KeyValue state, String mask) {
    String scores = masked(graph.matmul(query, transposed(state.key())), mask);
    return merged(graph.matmul(graph.softmax(scores), state.value()));
  }

  /** Returns the same with each row's own key and value besides the state's. */
  String attendWithSelf(String query, KeyValue state, KeyValue own, String mask) {
    String scores = masked(graph.matmul(query, transposed(state.key())), mask);
    String self =
        graph.add(
            "ReduceSum",
            Map.of("keepdims", Attribute.of(1)),
            graph.times(query, own.key()),
            graph.vector(-1));
    String weights = graph.softmax(graph.concat(-1, scores, self));
    String history = graph.slice(weights, -1, 0, -1);
    String rest = graph.slice(weights, -1, -1, Long.MAX_VALUE);
    return merged(graph.plus(graph.matmul(history, state.value()), graph.times(rest, own.value())));
  }

  /** Returns x after attention's output and the feed-forward part were added. */
  String rest(String x, String attended) {
    int inner = config.feedForward() * config.width();
    x =
        graph.plus(
            x,
            blocks.project(name + ".attention.output", attended, config.width(), config.width()));
    String y = blocks.norm(name + ".ffn.norm", x, config.width());
    y = graph.add("Gelu", blocks.linear(name + ".ffn.in", y, config.width(), inner));
    return graph.plus(x, blocks.linear(name + ".ffn.out", y, inner, config.width()));
  }

  private String heads(String what, String x) {
    String projected =
        blocks.project(name + ".attention." + what, x, config.width(), config.width());
    return graph.transpose(
        graph.reshape(projected, 0, 0, config.heads(), config.headWidth()), 0, 2, 1, 3);
  }

  private String merged(String attended) {
    return graph.reshape(graph.transpose(attended, 0, 2, 1, 3), 0, 0, config.width());
  }

  private String transposed(String key) {
    return graph.transpose(key, 0, 1, 3, 2);
  }

  private String masked(String scores, String mask) {
    String never = graph.constant(TensorData.floats(Shape.of(), Float.NEGATIVE_INFINITY));
    return graph.add("Where", mask, scores, never);
  }

  private String withNull(String what, String rows, String like) {
    String row =
        blocks.tensor(name + ".attention." + what, 1, config.heads(), 1, config.headWidth());
    String shape = graph.concat(0, graph.length(like, 0), graph.vector(1, 1, 1));
    return graph.concat(2, graph.add("Expand", row, shape), rows);
  }
}
