package dev.falconer.loadtest.demo;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what {@code falconer train} wrote into a model file beside its graph. */
final class ModelMetadata {
  /** JSON of the model's shape. */
  static final String CONFIG = "falconer.config";

  /** JSON of how it was trained: data, seed, epochs, steps, ... */
  static final String TRAINING = "falconer.training";

  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelMetadata() {}

  /** Returns the JSON under a key. */
  static JsonNode read(Path model, String key) throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(model))) {
      for (var entry : ModelProto.parseFrom(in).getMetadataPropsList()) {
        if (entry.getKey().equals(key)) {
          return JSON.readTree(entry.getValue());
        }
      }
    }
    throw new IOException(
        "%s has no metadata %s: was it written by falconer train?".formatted(model, key));
  }
}
