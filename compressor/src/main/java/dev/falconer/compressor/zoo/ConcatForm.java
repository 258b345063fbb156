package dev.falconer.compressor.zoo;

import static dev.falconer.compressor.data.Inputs.HISTORY_ITEM;
import static dev.falconer.compressor.data.Inputs.HISTORY_LENGTH;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.zoo.AttentionLayer.KeyValue;
import java.util.List;
import java.util.Map;

/**
 * The paper's baseline: each candidate is glued to every event, so that each has a sequence of its
 * own and nothing is shared. The row of the last event is read; of the last layer only that row is
 * computed. A learned token before the first event stands for the empty history.
 */
final class ConcatForm {
  private ConcatForm() {}

  static void add(
      GraphBuilder graph, Blocks blocks, RankerConfig config, Tokens tokens, String items) {
    String history = tokens.history();
    String events = tokens.events(HISTORY_ITEM);
    String length = graph.input(HISTORY_LENGTH, DType.INT64, "users");
    String candidates = tokens.candidates(items);
    graph.scope("concat");
    int d = config.width();
    String users = graph.length(history, 0);
    String m = graph.length(items, 1);
    String first =
        graph.add(
            "Expand",
            blocks.tensor("null_token", 1, 1, d),
            graph.concat(0, users, graph.vector(1, 1)));
    String rows = graph.concat(1, first, history); // [B, n+1, d]
    String count = graph.length(rows, 1);
    String shape = graph.concat(0, users, m, count, graph.vector(d));
    String glued =
        graph.concat(
            -1,
            graph.add("Expand", graph.unsqueeze(rows, 1), shape),
            graph.add("Expand", graph.unsqueeze(candidates, 2), shape)); // [B, m, n+1, 2d]
    String flat = graph.concat(0, graph.vector(-1), count, graph.vector(2L * d));
    String x =
        blocks.linear("concat", graph.add("Reshape", glued, flat), 2 * d, d); // [B·m, n+1, d]

    // The length of every sequence: a user's, m times.
    String lengths =
        graph.reshape(
            graph.add("Expand", graph.unsqueeze(length, 1), graph.concat(0, users, m)), -1);
    Masks masks = Masks.of(graph, config.historyMask(), events, lengths);
    String keys = keyIndex(graph, events);
    String seen = rowMask(graph, config, keys, masks.valid());
    for (int i = 0; i < config.layers(); i++) {
      var layer = new AttentionLayer(graph, blocks, config, i);
      String y = layer.normalized(x, "sequence");
      KeyValue state = layer.ownKeyValue(y);
      if (i + 1 < config.layers()) {
        x = layer.rest(x, layer.attend(layer.query(y), state, seen));
      } else {
        String last = lastRow(graph, keys, lengths);
        String query = layer.query(graph.matmul(last, y));
        x = layer.rest(graph.matmul(last, x), layer.attend(query, state, masks.valid()));
      }
    }
    graph.scope("concat");
    String read = blocks.norm("final.norm", x, d); // [B·m, 1, d]
    String back =
        graph.add(
            "Reshape",
            Map.of("allowzero", Attribute.of(1)), // m may be 0
            read,
            graph.concat(0, users, m, graph.vector(d)));
    Head.add(graph, blocks, config, List.of(back, items));
  }

  private static String keyIndex(GraphBuilder graph, String events) {
    String count = graph.add("Squeeze", graph.length(events, 0), graph.vector(0));
    return graph.add(
        "Range", graph.scalar(0L), graph.plus(count, graph.scalar(1L)), graph.scalar(1L));
  }

  /** Returns bool [B·m, 1, n+1 or 1, n+1]: row i sees the rows up to itself. */
  private static String rowMask(
      GraphBuilder graph, RankerConfig config, String keys, String valid) {
    if (config.historyMask() == HistoryMask.FULL) {
      return valid;
    }
    String causal = graph.add("LessOrEqual", graph.unsqueeze(keys, 0), graph.unsqueeze(keys, 1));
    return graph.add("And", valid, causal);
  }

  /** Returns float [B·m, 1, n+1]: one at the last event's row. */
  private static String lastRow(GraphBuilder graph, String keys, String lengths) {
    String equal = graph.add("Equal", graph.unsqueeze(keys, 0), graph.unsqueeze(lengths, 1));
    String one = graph.add("Cast", Map.of("to", Attribute.of(DType.FLOAT32.onnx())), equal);
    return graph.unsqueeze(one, 1);
  }
}
