package dev.falconer.compressor.zoo;

import static dev.falconer.compressor.data.Inputs.CANDIDATE_DENSE;
import static dev.falconer.compressor.data.Inputs.CONTEXT_DENSE;
import static dev.falconer.compressor.data.Inputs.LOGITS;
import static dev.falconer.compressor.data.Inputs.SCORES;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Features to task logits: DCNv2 cross layers (arXiv 2008.13535, eq. 1) beside an MLP. */
final class Head {
  private Head() {}

  /**
   * Adds the head and the graph's outputs.
   *
   * @param features parts [B, m, *] of the head's input; the dense columns are joined to them
   */
  static void add(GraphBuilder graph, Blocks blocks, RankerConfig config, List<String> features) {
    graph.scope("head");
    var parts = new ArrayList<>(features);
    if (config.candidateDense() > 0) {
      parts.add(
          graph.input(
              CANDIDATE_DENSE, DType.FLOAT32, "users", "candidates", config.candidateDense()));
    }
    if (config.contextDense() > 0) {
      String context = graph.input(CONTEXT_DENSE, DType.FLOAT32, "users", config.contextDense());
      String rows =
          graph.concat(
              0,
              graph.length(features.getFirst(), 0),
              graph.length(features.getFirst(), 1),
              graph.vector(config.contextDense()));
      parts.add(graph.add("Expand", graph.unsqueeze(context, 1), rows));
    }
    int width = config.features();
    String x0 =
        parts.size() == 1 ? parts.getFirst() : graph.concat(-1, parts.toArray(new String[0]));
    String crossed = x0;
    for (int i = 0; i < config.crosses(); i++) {
      String gate = blocks.linear("head.cross" + i, crossed, width, width);
      crossed = graph.plus(graph.times(x0, gate), crossed);
    }
    String deep = x0;
    int in = width;
    for (int i = 0; i < config.head().size(); i++) {
      int out = config.head().get(i);
      deep = graph.add("Relu", blocks.linear("head.mlp" + i, deep, in, out));
      in = out;
    }
    int tasks = config.tasks().size();
    String both = graph.concat(-1, deep, crossed);
    String logits = blocks.linear("head.out", both, in + width, tasks);
    graph.named(LOGITS, "Identity", Map.of(), logits);
    graph.named(SCORES, "Sigmoid", Map.of(), LOGITS);
    graph.output(LOGITS, DType.FLOAT32, "users", "candidates", tasks);
    graph.output(SCORES, DType.FLOAT32, "users", "candidates", tasks);
  }
}
