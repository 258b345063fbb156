package dev.falconer.compressor.zoo;

import static dev.falconer.compressor.data.Inputs.CANDIDATE_DENSE;
import static dev.falconer.compressor.data.Inputs.CANDIDATE_ITEM;
import static dev.falconer.compressor.data.Inputs.CONTEXT_DENSE;
import static dev.falconer.compressor.data.Inputs.CONTEXT_SURFACE;
import static dev.falconer.compressor.data.Inputs.HISTORY_ITEM;
import static dev.falconer.compressor.data.Inputs.HISTORY_LENGTH;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.GraphBuilder;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import dev.falconer.compressor.zoo.AttentionLayer.KeyValue;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Builds rankers. Inputs: history columns [B, n], history_length [B], candidate columns [B, m, ..],
 * context columns [B, ..]; outputs logits and scores [B, m, T].
 */
public final class Rankers {
  /** Metadata key of the config's JSON. */
  public static final String CONFIG = "falconer.config";

  /** Metadata key of a JSON array of task names. */
  public static final String TASKS = "falconer.tasks";

  private static final Map<String, Long> OPSETS = Map.of("", 20L, "ai.onnx.ml", 4L);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Rankers() {}

  /** Returns a ranker with random weights, the same for the same seed. */
  public static Model build(RankerConfig config, Vocabulary vocabulary, long seed) {
    var graph = new GraphBuilder("ranker");
    var blocks = new Blocks(graph, new Parameters.Fresh(new Random(seed)));
    var tokens = new Tokens(graph, blocks, config, vocabulary);
    String items = tokens.candidateItems();
    switch (config.fusion()) {
      case APPEND -> append(graph, blocks, config, tokens, items);
      case CONCAT -> ConcatForm.add(graph, blocks, config, tokens, items);
      case NONE -> Head.add(graph, blocks, config, List.of(items));
    }
    return model(config, graph.build());
  }

  /**
   * Returns the same ranker as one sequence [history ; candidate] with every row through every
   * layer and the last row read: what serving costs when nothing is shared or left out. One
   * candidate a row: m = 1.
   *
   * @throws IllegalArgumentException when the model is none of {@link #build} in the append form
   */
  public static Model joint(Model ranker) {
    RankerConfig config = config(ranker);
    if (config.fusion() != Fusion.APPEND || config.candidateSelf() != CandidateSelf.NONE) {
      throw new IllegalArgumentException(
          "the joint form is of append rankers whose candidates don't see themselves, not "
              + config.fusion()
              + " with candidate_self "
              + config.candidateSelf());
    }
    var graph = new GraphBuilder("joint");
    var blocks = new Blocks(graph, new Parameters.Of(ranker.graph()));
    var tokens = new Tokens(graph, blocks, config, JointForm.vocabulary(ranker.graph()));
    JointForm.add(graph, blocks, config, tokens);
    return model(config, graph.build());
  }

  /** Returns the config of a model that {@link #build} made. */
  public static RankerConfig config(Model model) {
    String json = model.metadata().get(CONFIG);
    if (json == null) {
      throw new IllegalArgumentException(
          "the model carries no \"" + CONFIG + "\": it wasn't built by falconer train");
    }
    return RankerConfig.fromJson(json);
  }

  private static void append(
      GraphBuilder graph, Blocks blocks, RankerConfig config, Tokens tokens, String items) {
    String history = tokens.history();
    String events = tokens.events(HISTORY_ITEM);
    String length = graph.input(HISTORY_LENGTH, DType.INT64, "users");
    Masks masks = Masks.of(graph, config.historyMask(), events, length);
    String candidates = tokens.candidates(items);
    for (int i = 0; i < config.layers(); i++) {
      var layer = new AttentionLayer(graph, blocks, config, i);
      String normalized = layer.normalized(history, "history");
      KeyValue state = layer.keyValue(normalized);
      if (i + 1 < config.layers()) {
        String attended = layer.attend(layer.query(normalized), state, masks.history());
        history = layer.rest(history, attended);
      }
      String y = layer.normalized(candidates, "candidate");
      String query = layer.query(y);
      String attended =
          config.candidateSelf() == CandidateSelf.OWN
              ? layer.attendWithSelf(query, state, layer.ownKeyValue(y), masks.valid())
              : layer.attend(query, state, masks.valid());
      candidates = layer.rest(candidates, attended);
    }
    graph.scope("candidate");
    String read = blocks.norm("final.norm", candidates, config.width());
    Head.add(graph, blocks, config, List.of(read, items));
  }

  private static Model model(RankerConfig config, Graph graph) {
    try {
      var metadata =
          Map.of(
              CONFIG,
              config.toJson(),
              Roles.METADATA,
              JSON.writeValueAsString(roles(graph)),
              TASKS,
              JSON.writeValueAsString(config.tasks()));
      return new Model(graph, Model.IR_VERSION, OPSETS, metadata);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names always have JSON", e);
    }
  }

  private static Map<String, Roles.Role> roles(Graph graph) {
    var roles = new TreeMap<String, Roles.Role>();
    for (ValueInfo input : graph.inputs()) {
      roles.put(
          input.name(),
          switch (input.name()) {
            case HISTORY_LENGTH -> Roles.Role.LENGTH;
            case CANDIDATE_ITEM, CANDIDATE_DENSE -> Roles.Role.CANDIDATE;
            case CONTEXT_SURFACE, CONTEXT_DENSE -> Roles.Role.CONTEXT;
            default -> Roles.Role.USER;
          });
    }
    return roles;
  }
}
