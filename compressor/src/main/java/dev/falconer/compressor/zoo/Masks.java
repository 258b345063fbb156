package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.GraphBuilder;

/**
 * Which key a row may see. Key 0 is the learned null key, key j + 1 is event j.
 *
 * @param valid bool [B, 1, 1, keys]: the null key and the events within the length
 * @param history bool [B, 1, n, keys] or [B, 1, 1, keys]: what event i sees
 */
record Masks(String valid, String history) {
  /** Returns the masks for {@code events} (0 to n - 1, [n]) and a length [B]. */
  static Masks of(GraphBuilder graph, HistoryMask mask, String events, String length) {
    graph.scope("mask");
    String one = graph.scalar(1L);
    String keyCount =
        graph.plus(graph.add("Squeeze", graph.length(events, 0), graph.vector(0)), one);
    String keys = graph.add("Range", graph.scalar(0L), keyCount, one);
    String valid =
        graph.unsqueeze(
            graph.add("LessOrEqual", graph.unsqueeze(keys, 0), graph.unsqueeze(length, 1)), 1, 2);
    if (mask == HistoryMask.FULL) {
      return new Masks(valid, valid);
    }
    String last = graph.unsqueeze(graph.plus(events, one), 1);
    String causal = graph.add("LessOrEqual", graph.unsqueeze(keys, 0), last);
    return new Masks(valid, graph.add("And", valid, causal));
  }
}
