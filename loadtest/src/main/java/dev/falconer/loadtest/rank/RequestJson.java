package dev.falconer.loadtest.rank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.client.FeatureColumn;
import dev.falconer.client.HistoryWindow;
import dev.falconer.client.RankingRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a request written as JSON:
 *
 * <pre>{@code
 * {"user": "u-17",
 *  "history": {"history_item": [3, 8], "history_action": [1, 1]},
 *  "candidates": {"candidate_item": [5, 6, 7], "bid": [0.2, 1.0, 0.4]},
 *  "context": {"context_surface": [1]}}
 * }</pre>
 *
 * <p>Each column is an array of rows; a row is a scalar or a nested array. Strings become STRING,
 * booleans BOOL, numbers FLOAT32 when any is written with a point, else INT64. Where that guesses
 * wrong, or there are no rows to guess from, {@code {"dtype": "FLOAT32", "values": []}} says it. A
 * candidate column named bid multiplies the value. The candidates' ids, returned with the slate,
 * are the first scalar INT64 or STRING column.
 */
public final class RequestJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> KEYS = Set.of("user", "history", "candidates", "context");

  /** Column that the objective multiplies by, as falconer request writes it. */
  private static final String BID = "bid";

  private RequestJson() {}

  /**
   * Returns a builder of the request, to be given mode, objective and the like.
   *
   * @param window which of the events to send; all without it. Columns with fewer rows than the
   *     longest are the user's, not the history's, and stay whole
   */
  public static RankingRequest.Builder read(
      String model, String text, Optional<HistoryWindow> window) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the request is no JSON: " + e.getOriginalMessage(), e);
    }
    for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
      var name = names.next();
      if (!KEYS.contains(name)) {
        throw new IllegalArgumentException(
            "the request has an unknown key '%s'; there are %s".formatted(name, KEYS));
      }
    }
    var builder = RankingRequest.builder(model);
    if (root.hasNonNull("user")) {
      builder.user(root.path("user").asText());
    }
    var history = root.path("history").properties().stream().map(RequestJson::column).toList();
    int events = history.stream().mapToInt(FeatureColumn::rows).max().orElse(0);
    for (var column : history) {
      builder.history(
          window.isPresent() && column.rows() == events ? window.get().of(column) : column);
    }
    root.path("context").properties().forEach(each -> builder.context(column(each)));
    boolean identified = false;
    for (var each : root.path("candidates").properties()) {
      builder.candidates(column(each));
      if (each.getKey().equals(BID)) {
        builder.bidColumn(BID);
      }
      identified = identified || identify(builder, rows(each.getValue()));
    }
    return builder;
  }

  private static boolean identify(RankingRequest.Builder builder, JsonNode rows) {
    if (rows.isEmpty()) {
      return false;
    }
    if (all(rows, JsonNode::isIntegralNumber)) {
      builder.itemIds(longs(leaves(rows)));
      return true;
    }
    if (all(rows, JsonNode::isTextual)) {
      builder.itemIds(strings(leaves(rows)));
      return true;
    }
    return false;
  }

  private static JsonNode rows(JsonNode value) {
    return value.isObject() ? value.path("values") : value;
  }

  private static FeatureColumn column(Map.Entry<String, JsonNode> entry) {
    var name = entry.getKey();
    var value = entry.getValue();
    var rows = rows(value);
    if (!rows.isArray()) {
      throw new IllegalArgumentException(
          "column '%s' is %s; wanted an array of rows".formatted(name, value.getNodeType()));
    }
    var leaves = leaves(rows);
    var shape = rows.isEmpty() ? new int[0] : rowShape(rows.get(0));
    long width = 1;
    for (int axis : shape) {
      width *= axis;
    }
    if (leaves.size() != width * rows.size()) {
      throw new IllegalArgumentException("column '%s': its rows differ in shape".formatted(name));
    }
    var dtype = value.isObject() ? value.path("dtype").asText() : guess(name, leaves);
    return switch (dtype) {
      case "FLOAT32" -> FeatureColumn.floats(name, floats(leaves), shape);
      case "FLOAT64" -> FeatureColumn.doubles(name, doubles(leaves), shape);
      case "INT32" -> FeatureColumn.ints(name, ints(leaves), shape);
      case "INT64" -> FeatureColumn.longs(name, longs(leaves), shape);
      case "BOOL" -> FeatureColumn.booleans(name, booleans(leaves), shape);
      case "STRING" -> FeatureColumn.strings(name, strings(leaves), shape);
      default ->
          throw new IllegalArgumentException(
              "column '%s': dtype '%s'; there are FLOAT32, FLOAT64, INT32, INT64, BOOL, STRING"
                  .formatted(name, dtype));
    };
  }

  private static String guess(String name, List<JsonNode> leaves) {
    if (leaves.stream().allMatch(JsonNode::isIntegralNumber)) {
      return "INT64";
    }
    if (leaves.stream().allMatch(JsonNode::isNumber)) {
      return "FLOAT32";
    }
    if (leaves.stream().allMatch(JsonNode::isTextual)) {
      return "STRING";
    }
    if (leaves.stream().allMatch(JsonNode::isBoolean)) {
      return "BOOL";
    }
    throw new IllegalArgumentException(
        "column '%s' mixes kinds of values; one column holds one kind".formatted(name));
  }

  private static boolean all(JsonNode rows, java.util.function.Predicate<JsonNode> kind) {
    for (var row : rows) {
      if (!kind.test(row)) {
        return false;
      }
    }
    return true;
  }

  private static int[] rowShape(JsonNode row) {
    var shape = new ArrayList<Integer>();
    for (var at = row; at.isArray() && !at.isEmpty(); at = at.get(0)) {
      shape.add(at.size());
    }
    return shape.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<JsonNode> leaves(JsonNode node) {
    var leaves = new ArrayList<JsonNode>();
    for (var each : node) {
      if (each.isArray()) {
        leaves.addAll(leaves(each));
      } else {
        leaves.add(each);
      }
    }
    return leaves;
  }

  private static double[] doubles(List<JsonNode> leaves) {
    return leaves.stream().mapToDouble(JsonNode::asDouble).toArray();
  }

  private static float[] floats(List<JsonNode> leaves) {
    var values = new float[leaves.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = leaves.get(i).floatValue();
    }
    return values;
  }

  private static int[] ints(List<JsonNode> leaves) {
    return leaves.stream().mapToInt(JsonNode::asInt).toArray();
  }

  private static long[] longs(List<JsonNode> leaves) {
    return leaves.stream().mapToLong(JsonNode::asLong).toArray();
  }

  private static boolean[] booleans(List<JsonNode> leaves) {
    var values = new boolean[leaves.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = leaves.get(i).asBoolean();
    }
    return values;
  }

  private static String[] strings(List<JsonNode> leaves) {
    return leaves.stream().map(JsonNode::asText).toArray(String[]::new);
  }
}
