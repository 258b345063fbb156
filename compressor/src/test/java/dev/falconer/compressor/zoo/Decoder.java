package dev.falconer.compressor.zoo;

import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A pre-LN decoder of text: int64 tokens [windows, context] to logits [windows, context,
 * vocabulary] of the token after each. The head is the embedding table, transposed.
 *
 * @param vocabulary different tokens
 * @param context length of a window in tokens
 */
public record Decoder(int vocabulary, int context, int width, int layers, int heads) {
  /** The input. */
  public static final String TOKENS = "tokens";

  /** The output. */
  public static final String LOGITS = "logits";

  private static final int FEED_FORWARD = 4;
  private static final Map<String, Long> OPSETS = Map.of("", 20L);

  /** Returns a model of random weights. */
  public Model build(long seed) {
    var graph = new GraphBuilder("decoder");
    var blocks = new Blocks(graph, new Parameters.Fresh(new Random(seed)));
    String tokens = graph.input(TOKENS, DType.INT64, "windows", context);
    String table = blocks.tensor("tokens.table", vocabulary, width);
    String positions = blocks.tensor("positions.table", context, width);
    String x = graph.plus(graph.gather(table, tokens), positions);
    String mask = graph.constant(mask());
    for (int i = 0; i < layers; i++) {
      var layer = new AttentionLayer(graph, blocks, config(), i);
      String y = layer.normalized(x, "text");
      x = layer.rest(x, layer.attend(layer.query(y), layer.ownKeyValue(y), mask));
    }
    graph.scope("head");
    String read = blocks.norm("final.norm", x, width);
    graph.named(LOGITS, "MatMul", Map.of(), read, graph.transpose(table, 1, 0));
    graph.output(LOGITS, DType.FLOAT32, "windows", context, vocabulary);
    return new Model(graph.build(), Model.IR_VERSION, OPSETS, Map.of());
  }

  /** Returns bool [1, 1, context, context]: whether a row sees a token. */
  private TensorData mask() {
    var values = new boolean[context * context];
    for (int row = 0; row < context; row++) {
      for (int token = 0; token <= row; token++) {
        values[row * context + token] = true;
      }
    }
    return TensorData.bools(Shape.of(1, 1, context, context), values);
  }

  /** The layers of the rankers are the decoder's: only sizes are read. */
  private RankerConfig config() {
    return new RankerConfig(
        Fusion.APPEND,
        HistoryMask.CAUSAL,
        CandidateSelf.NONE,
        width,
        layers,
        heads,
        context,
        FEED_FORWARD,
        0,
        List.of(1),
        List.of("next"),
        0,
        0,
        0,
        0,
        0);
  }
}
