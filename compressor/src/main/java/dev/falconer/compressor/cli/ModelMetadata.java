package dev.falconer.compressor.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.learn.TrainingRecord;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.zoo.Rankers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a model file says of itself, as JSON in its metadata. */
final class ModelMetadata {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelMetadata() {}

  /** Returns the tasks, the last axis of the scores. */
  static List<String> tasks(Model model) {
    return read(model, Rankers.TASKS, new TypeReference<List<String>>() {});
  }

  /** Returns the provenance of the weights as text by key; empty when none is told. */
  static Map<String, String> training(Model model) {
    if (!model.metadata().containsKey(TrainingRecord.KEY)) {
      return Map.of();
    }
    var texts = new TreeMap<String, String>();
    read(model, TrainingRecord.KEY, new TypeReference<Map<String, Object>>() {})
        .forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return texts;
  }

  /** Returns the version of this program. */
  static String falconerVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static <T> T read(Model model, String key, TypeReference<T> type) {
    String text = model.metadata().get(key);
    if (text == null) {
      throw new IllegalArgumentException(
          "the model's metadata lacks \"" + key + "\"; falconer train writes it");
    }
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("metadata \"" + key + "\": " + e.getMessage(), e);
    }
  }
}
