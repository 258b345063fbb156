package dev.falconer.compressor.axes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.Graph;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.ValueInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who gives each input of a ranking graph. */
public record Roles(Map<String, Role> byInput) {
  /** Giver of an input. */
  public enum Role {
    /** The user's columns, among them the history. */
    USER,
    /** Number of valid events of a padded history. */
    LENGTH,
    /** One row per candidate. */
    CANDIDATE,
    /** Of the request: one row, read beside the candidates. */
    CONTEXT
  }

  /** Metadata key of a JSON object: input name to role. */
  public static final String METADATA = "falconer.roles";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Returns the roles that a model's metadata gives; none when it gives none.
   *
   * @throws IllegalArgumentException when they are no JSON object of role names
   */
  public static Roles of(Model model) {
    String json = model.metadata().get(METADATA);
    if (json == null) {
      return new Roles(Map.of());
    }
    try {
      return new Roles(JSON.readValue(json, new TypeReference<Map<String, Role>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "metadata \""
              + METADATA
              + "\" is no object of input name to "
              + List.of(Role.values())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
  }

  /** Returns a model that says these roles. */
  public Model in(Model model) {
    var metadata = new HashMap<>(model.metadata());
    try {
      metadata.put(METADATA, JSON.writeValueAsString(byInput));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return model.withMetadata(metadata);
  }

  /** Copies the map in the order of names. */
  public Roles {
    byInput = java.util.Collections.unmodifiableMap(new TreeMap<>(byInput));
  }

  /**
   * Returns the role of an input.
   *
   * @throws IllegalArgumentException naming the inputs without a role
   */
  public Role of(String input) {
    Role role = byInput.get(input);
    if (role == null) {
      throw new IllegalArgumentException(
          "input \""
              + input
              + "\" has no role; say whose it is with --user, --candidate or"
              + " --context");
    }
    return role;
  }

  /** Returns the graph's inputs of a role, in its order. */
  public List<ValueInfo> inputs(Graph graph, Role role) {
    return graph.inputs().stream().filter(input -> of(input.name()) == role).toList();
  }

  /** Returns these roles, with that of a candidate for inputs that have none. */
  public Roles orCandidates(Graph graph) {
    var all = new LinkedHashMap<>(byInput);
    graph.inputs().forEach(input -> all.putIfAbsent(input.name(), Role.CANDIDATE));
    return new Roles(all);
  }

  /** Returns these roles with some replaced. */
  public Roles with(Map<String, Role> others) {
    var all = new LinkedHashMap<>(byInput);
    all.putAll(others);
    return new Roles(all);
  }
}
