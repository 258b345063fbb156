package dev.falconer.compressor.zoo;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Well-known rankers as exporters write them, every input with a row per candidate, and with random
 * weights: what benchmarks of the splitter run on.
 *
 * <pre>
 * user_profile [B, 6]   history [B, n]   item [B]   item_fields [B, 3]   ->   score [B, 1]
 * </pre>
 */
public enum RowWiseRanker {
  /** Target attention by a small network over every event (arXiv 1706.06978). */
  DIN,
  /** Factorisation machine beside a deep network (arXiv 1703.04247). */
  DEEPFM,
  /** Three full-matrix cross layers beside a deep network (arXiv 2008.13535). */
  DCNV2;

  private static final int ROWS = 20_000;
  private static final int PROFILE = 6;
  private static final int ITEM_FIELDS = 3;
  private static final int CROSSES = 3;
  private static final Map<String, Attribute> KEEP_NOT = Map.of("keepdims", Attribute.of(0));

  /** Width of an embedding. */
  private int width() {
    return this == DIN ? 32 : 16;
  }

  /** Returns whose each input is. */
  public static Roles roles() {
    return new Roles(
        Map.of(
            "user_profile", Role.USER,
            "history", Role.USER,
            "item", Role.CANDIDATE,
            "item_fields", Role.CANDIDATE));
  }

  /** Returns the ranker with weights of the seed. */
  public Model build(long seed) {
    var graph = new GraphBuilder(name().toLowerCase(java.util.Locale.ROOT));
    var blocks = new Blocks(graph, new Parameters.Fresh(new Random(seed)));
    int width = width();
    String table = blocks.tensor("embedding", ROWS, width);
    String profile =
        graph.gather(table, graph.input("user_profile", DType.INT64, "batch", PROFILE));
    String history = graph.gather(table, graph.input("history", DType.INT64, "batch", "events"));
    String item = graph.gather(table, graph.input("item", DType.INT64, "batch"));
    String fields =
        graph.gather(table, graph.input("item_fields", DType.INT64, "batch", ITEM_FIELDS));
    String logit =
        switch (this) {
          case DIN -> {
            String pooled = attended(graph, blocks, history, item, width);
            String joined = joined(graph, width, profile, pooled, item, fields);
            yield deep(graph, blocks, joined, (PROFILE + 2 + ITEM_FIELDS) * width, 200, 80);
          }
          case DEEPFM -> {
            String all = fields(graph, profile, mean(graph, history), item, fields);
            String flat = graph.reshape(all, -1, (PROFILE + 2L + ITEM_FIELDS) * width);
            String deep =
                deep(graph, blocks, flat, (PROFILE + 2 + ITEM_FIELDS) * width, 256, 128, 64);
            yield graph.plus(deep, machine(graph, all));
          }
          case DCNV2 -> {
            int wide = (PROFILE + 2 + ITEM_FIELDS) * width;
            String joined = joined(graph, width, profile, mean(graph, history), item, fields);
            String cross = joined;
            for (int i = 0; i < CROSSES; i++) {
              String product = blocks.linear("cross" + i, cross, wide, wide);
              cross = graph.plus(graph.times(joined, product), cross);
            }
            String deep = hidden(graph, blocks, joined, wide, 256, 128);
            yield blocks.linear("out", graph.concat(1, cross, deep), wide + 128, 1);
          }
        };
    graph.named("score", "Sigmoid", Map.of(), logit);
    graph.output("score", DType.FLOAT32, "batch", 1);
    return new Model(graph.build(), Model.IR_VERSION, Map.of("", 20L), Map.of());
  }

  /** Returns the events [B, n, d] weighed by a network over (event, item, difference, product). */
  private static String attended(
      GraphBuilder graph, Blocks blocks, String history, String item, int width) {
    String target = graph.unsqueeze(item, 1);
    String shape = graph.add("Shape", history);
    String repeated = graph.add("Expand", target, shape);
    String pairs =
        graph.concat(
            -1,
            history,
            repeated,
            graph.add("Sub", history, repeated),
            graph.times(history, repeated));
    String first = graph.add("Sigmoid", blocks.linear("attention0", pairs, 4 * width, 80));
    String second = graph.add("Sigmoid", blocks.linear("attention1", first, 80, 40));
    String weight = blocks.linear("attention2", second, 40, 1);
    String pooled = graph.matmul(graph.transpose(weight, 0, 2, 1), history);
    return graph.add("Squeeze", pooled, graph.vector(1));
  }

  private static String mean(GraphBuilder graph, String history) {
    return graph.add("ReduceMean", KEEP_NOT, history, graph.vector(1));
  }

  /** Returns [B, fields, d]. */
  private static String fields(
      GraphBuilder graph, String profile, String pooled, String item, String fields) {
    return graph.concat(1, profile, graph.unsqueeze(pooled, 1), graph.unsqueeze(item, 1), fields);
  }

  /** Returns [B, fields x d]. */
  private static String joined(
      GraphBuilder graph, int width, String profile, String pooled, String item, String fields) {
    return graph.concat(
        1,
        graph.reshape(profile, -1, (long) PROFILE * width),
        pooled,
        item,
        graph.reshape(fields, -1, (long) ITEM_FIELDS * width));
  }

  /** Returns half of the squared sum less the sum of squares, summed over d: [B, 1]. */
  private static String machine(GraphBuilder graph, String fields) {
    String sum = graph.add("ReduceSum", KEEP_NOT, fields, graph.vector(1));
    String squares = graph.add("ReduceSum", KEEP_NOT, graph.times(fields, fields), graph.vector(1));
    String difference = graph.add("Sub", graph.times(sum, sum), squares);
    return graph.times(graph.add("ReduceSum", difference, graph.vector(1)), graph.scalar(.5f));
  }

  private static String deep(
      GraphBuilder graph, Blocks blocks, String x, int in, Integer... widths) {
    String hidden = hidden(graph, blocks, x, in, widths);
    return blocks.linear("out", hidden, widths[widths.length - 1], 1);
  }

  private static String hidden(
      GraphBuilder graph, Blocks blocks, String x, int in, Integer... widths) {
    String value = x;
    int from = in;
    for (int width : List.of(widths)) {
      value = graph.add("Relu", blocks.linear("mlp" + from + "x" + width, value, from, width));
      from = width;
    }
    return value;
  }
}
