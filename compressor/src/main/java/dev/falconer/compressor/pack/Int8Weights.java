package dev.falconer.compressor.pack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.pack.PackOptions.Precision;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which weights of a model, stored as floats, kernels are to multiply in int8. */
public final class Int8Weights {
  /** Metadata key of a JSON array of the weights' names. */
  public static final String METADATA = "falconer.int8";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Int8Weights() {}

  /** The packing by what a model says. */
  private static final String CHOSEN = "packed-chosen";

  /**
   * Returns some packings and, last, the one that a model's metadata ask for, if they do: its
   * quality was judged when it was chosen.
   *
   * @param packings by the names of a bundle's variants
   */
  public static Map<String, PackOptions> with(Map<String, PackOptions> packings, Model model) {
    var all = new LinkedHashMap<>(packings);
    Set<String> weights = of(model);
    if (!weights.isEmpty()) {
      var types = new HashMap<String, Precision>();
      weights.forEach(weight -> types.put(weight, Precision.INT8));
      all.put(CHOSEN, PackOptions.of(types));
    }
    return all;
  }

  /** Returns the model with their names; those of before are forgotten. */
  public static Model in(Model model, Collection<String> weights) {
    var metadata = new HashMap<>(model.metadata());
    try {
      metadata.put(METADATA, JSON.writeValueAsString(new TreeSet<>(weights)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return model.withMetadata(metadata);
  }

  /**
   * Returns the names; none where the model says nothing.
   *
   * @throws IllegalArgumentException when what it says is no list of names
   */
  public static Set<String> of(Model model) {
    String json = model.metadata().getOrDefault(METADATA, "[]");
    try {
      return Set.copyOf(JSON.readValue(json, new TypeReference<List<String>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "metadata \"%s\" is no array of names: %s".formatted(METADATA, e.getOriginalMessage()),
          e);
    }
  }
}
