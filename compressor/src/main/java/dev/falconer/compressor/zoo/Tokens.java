package dev.falconer.compressor.zoo;

import static dev.falconer.compressor.data.Inputs.CANDIDATE_ITEM;
import static dev.falconer.compressor.data.Inputs.CONTEXT_SURFACE;
import static dev.falconer.compressor.data.Inputs.HISTORY_ACTION;
import static dev.falconer.compressor.data.Inputs.HISTORY_ITEM;
import static dev.falconer.compressor.data.Inputs.HISTORY_SURFACE;

import dev.falconer.compressor.onnx.Attribute;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Embeds events and candidates: sums of item, category, action, surface and position embeddings.
 * Positions are anchored at the history's start, so that an event keeps its own when more follow.
 */
final class Tokens {
  private final GraphBuilder graph;
  private final Blocks blocks;
  private final RankerConfig config;
  private final Vocabulary vocabulary;

  Tokens(GraphBuilder graph, Blocks blocks, RankerConfig config, Vocabulary vocabulary) {
    this.graph = graph;
    this.blocks = blocks;
    this.config = config;
    this.vocabulary = vocabulary;
  }

  /** Returns the history's tokens [B, n, d]. */
  String history() {
    graph.scope("history");
    DType id = vocabulary.strings().isEmpty() ? DType.INT64 : DType.STRING;
    String items = graph.input(HISTORY_ITEM, id, "users", "history");
    String actions = graph.input(HISTORY_ACTION, DType.INT64, "users", "history");
    String token =
        graph.plus(item(items), graph.gather(actionTable(), known(actions, config.actions())));
    if (config.surfaces() > 0) {
      String surfaces = graph.input(HISTORY_SURFACE, DType.INT64, "users", "history");
      token = graph.plus(token, graph.gather(surfaceTable(), known(surfaces, config.surfaces())));
    }
    String position = graph.gather(positionTable(), events(items));
    return graph.plus(token, position);
  }

  /** Returns the candidates' embeddings [B, m, d]: the item's alone. */
  String candidateItems() {
    graph.scope("candidate");
    DType id = vocabulary.strings().isEmpty() ? DType.INT64 : DType.STRING;
    return item(graph.input(CANDIDATE_ITEM, id, "users", "candidates"));
  }

  /**
   * Returns the candidates' tokens [B, m, d]: the items' embeddings, the unknown action, the
   * request's surface, and one position that all candidates share.
   */
  String candidates(String items) {
    graph.scope("candidate");
    String token = graph.plus(items, graph.gather(actionTable(), graph.scalar(0L)));
    token = graph.plus(token, blocks.tensor("candidate_position", config.width()));
    if (config.surfaces() > 0) {
      String surface = graph.input(CONTEXT_SURFACE, DType.INT64, "users");
      String row = graph.gather(surfaceTable(), known(surface, config.surfaces()));
      token = graph.plus(token, graph.unsqueeze(row, 1));
    }
    return token;
  }

  /** Returns 0 to n - 1 for a column [B, n]. */
  String events(String column) {
    String count = graph.add("Squeeze", graph.length(column, 1), graph.vector(0));
    return graph.add("Range", graph.scalar(0L), count, graph.scalar(1L));
  }

  private String item(String ids) {
    String index = graph.addIn("ai.onnx.ml", "LabelEncoder", vocabulary.encoder(), ids);
    String rows =
        graph.gather(
            blocks.tensor("item_embedding", vocabulary.size() + 1L, config.width()), index);
    if (config.categories() == 0 || vocabulary.categories().isEmpty()) {
      return rows;
    }
    String category = graph.gather(graph.constant(categories()), index);
    String table = blocks.tensor("category_embedding", config.categories() + 1L, config.width());
    return graph.plus(rows, graph.gather(table, category));
  }

  /** Returns the category code of each index, [items + 1]; 0 for the unknown item. */
  private TensorData categories() {
    var codes = new long[vocabulary.size() + 1];
    for (int i = 0; i < vocabulary.size(); i++) {
      int code = vocabulary.categories().get(i);
      codes[i + 1] = code >= 0 && code <= config.categories() ? code : 0;
    }
    return TensorData.longs(Shape.of(codes.length), codes);
  }

  /** Returns the codes, those outside 1 to max as 0. */
  private String known(String codes, int max) {
    List<Long> keys = new ArrayList<>();
    for (long code = 0; code <= max; code++) {
      keys.add(code);
    }
    var attributes =
        Map.<String, Attribute>of(
            "keys_int64s", new Attribute.IntsAttr(keys),
            "values_int64s", new Attribute.IntsAttr(keys),
            "default_int64", Attribute.of(0L));
    return graph.addIn("ai.onnx.ml", "LabelEncoder", attributes, codes);
  }

  private String actionTable() {
    return blocks.tensor("action_embedding", config.actions() + 1L, config.width());
  }

  private String surfaceTable() {
    return blocks.tensor("surface_embedding", config.surfaces() + 1L, config.width());
  }

  private String positionTable() {
    return blocks.tensor("position_embedding", config.historyMax(), config.width());
  }
}
