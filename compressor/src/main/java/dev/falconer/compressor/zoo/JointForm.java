package dev.falconer.compressor.zoo;

import static dev.falconer.compressor.data.Inputs.HISTORY_ITEM;
import static dev.falconer.compressor.data.Inputs.HISTORY_LENGTH;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Node;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.zoo.AttentionLayer.KeyValue;
import java.util.ArrayList;
import java.util.List;

/** An append ranker as one sequence [history ; candidate], m = 1, nothing left out. */
final class JointForm {
  private JointForm() {}

  static void add(GraphBuilder graph, Blocks blocks, RankerConfig config, Tokens tokens) {
    String items = tokens.candidateItems();
    String history = tokens.history();
    String events = tokens.events(HISTORY_ITEM);
    String length = graph.input(HISTORY_LENGTH, DType.INT64, "users");
    Masks masks = Masks.of(graph, config.historyMask(), events, length);
    String rowMask = rowMask(graph, config, masks, events);
    graph.scope("joint");
    String x = graph.concat(1, history, tokens.candidates(items)); // [B, n+1, d]
    for (int i = 0; i < config.layers(); i++) {
      var layer = new AttentionLayer(graph, blocks, config, i);
      String y = layer.normalized(x, "sequence");
      KeyValue state = layer.keyValue(graph.slice(y, 1, 0, -1));
      x = layer.rest(x, layer.attend(layer.query(y), state, rowMask));
    }
    graph.scope("joint");
    String last = graph.slice(x, 1, -1, Long.MAX_VALUE);
    Head.add(
        graph, blocks, config, List.of(blocks.norm("final.norm", last, config.width()), items));
  }

  /**
   * Returns the ids and categories that a ranker's graph maps: its first LabelEncoder is that of
   * the candidates' items.
   */
  static Vocabulary vocabulary(Graph graph) {
    Node encoder =
        graph.nodes().stream()
            .filter(node -> node.type().equals("LabelEncoder"))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the graph maps no ids"));
    List<Long> longs =
        encoder.attributes().get("keys_int64s") instanceof Attribute.IntsAttr(var keys)
            ? keys
            : List.of();
    List<String> strings =
        encoder.attributes().get("keys_strings") instanceof Attribute.TextsAttr(var keys)
            ? keys
            : List.of();
    return new Vocabulary(longs, strings, categories(graph, encoder.output()));
  }

  private static List<Integer> categories(Graph graph, String index) {
    for (Node node : graph.nodes()) {
      if (node.is("Gather")
          && node.input(1).equals(index)
          && graph.initializers().get(node.input(0)) instanceof NumericTensor codes
          && codes.dtype() == DType.INT64) {
        var categories = new ArrayList<Integer>();
        for (long i = 1; i < codes.shape().size(); i++) {
          categories.add((int) codes.longAt(i));
        }
        return categories;
      }
    }
    return List.of();
  }

  /** Returns bool [B, 1, n+1, keys]: what events see, and below it what the candidate sees. */
  private static String rowMask(
      GraphBuilder graph, RankerConfig config, Masks masks, String events) {
    if (config.historyMask() == HistoryMask.FULL) {
      return masks.valid();
    }
    // The candidate stands after the last event: one more row of the same comparison.
    graph.scope("joint.mask");
    String one = graph.scalar(1L);
    String count = graph.plus(graph.add("Squeeze", graph.length(events, 0), graph.vector(0)), one);
    String rows = graph.add("Range", one, graph.plus(count, one), one);
    String keys = graph.add("Range", graph.scalar(0L), count, one);
    String causal = graph.add("LessOrEqual", graph.unsqueeze(keys, 0), graph.unsqueeze(rows, 1));
    return graph.add("And", masks.valid(), causal);
  }
}
